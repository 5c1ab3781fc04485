-- Whom somebody is elsewhere: an account at GitHub, Google or the operator's own OIDC issuer that signs them in here.
CREATE TABLE "Identity" (
  "provider" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "userId" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "lastUsedAt" TIMESTAMPTZ(3),
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Identity_pkey" PRIMARY KEY ("provider", "subject")
);
-- One of each provider: a person who unlinks "GitHub" means all of it.
CREATE UNIQUE INDEX "Identity_userId_provider_key" ON "Identity"("userId", "provider");
ALTER TABLE "Identity" ADD CONSTRAINT "Identity_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
