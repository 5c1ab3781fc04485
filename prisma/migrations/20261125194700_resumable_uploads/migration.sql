-- Uploads that may break off and go on (tus): what was announced and how much of it has arrived, and the pieces that hold
-- it until the file is whole. Each piece's row stands before its object, so that nothing is in the store that no row names.

-- CreateTable
CREATE TABLE "partial_uploads" (
    "account_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "received_bytes" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "partial_uploads_pkey" PRIMARY KEY ("account_id","id")
);

-- CreateTable
CREATE TABLE "upload_parts" (
    "account_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "upload_id" UUID NOT NULL,
    "start_at" BIGINT NOT NULL,
    "size_bytes" BIGINT,
    "object_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "upload_parts_pkey" PRIMARY KEY ("account_id","id")
);

-- CreateIndex
CREATE INDEX "partial_uploads_expires_at_idx" ON "partial_uploads"("expires_at");

-- CreateIndex
CREATE INDEX "upload_parts_account_id_upload_id_idx" ON "upload_parts"("account_id", "upload_id");

-- What follows is not seen by Prisma; test/house/catalogue.pg.test.ts holds it.

ALTER TABLE partial_uploads ADD CONSTRAINT partial_uploads_received
  CHECK (received_bytes >= 0 AND received_bytes <= size_bytes);
