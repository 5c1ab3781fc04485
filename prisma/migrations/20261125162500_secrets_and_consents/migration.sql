-- CreateTable
CREATE TABLE "secrets" (
    "account_id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hosts" TEXT[],
    "sealed" BYTEA NOT NULL,
    "key_version" TEXT NOT NULL,
    "set_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "secrets_pkey" PRIMARY KEY ("account_id","agent_id","name")
);

-- CreateTable
CREATE TABLE "consents" (
    "account_id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "manifest_hash" TEXT NOT NULL,
    "terms" JSONB NOT NULL,
    "given_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "consents_pkey" PRIMARY KEY ("account_id","agent_id","manifest_hash")
);

-- CreateTable
CREATE TABLE "run_egress" (
    "account_id" TEXT NOT NULL,
    "run_id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "requests" INTEGER NOT NULL,
    "refused" INTEGER NOT NULL,
    "sent_bytes" BIGINT NOT NULL,
    "received_bytes" BIGINT NOT NULL,

    CONSTRAINT "run_egress_pkey" PRIMARY KEY ("account_id","run_id","host")
);
