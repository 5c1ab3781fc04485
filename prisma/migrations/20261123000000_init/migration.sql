-- CreateEnum
CREATE TYPE "AccountKind" AS ENUM ('personal', 'team', 'platform');

-- CreateEnum
CREATE TYPE "MemberRole" AS ENUM ('owner', 'admin', 'developer', 'billing');

-- CreateEnum
CREATE TYPE "AgentStatus" AS ENUM ('draft', 'in_review', 'active', 'inactive', 'suspended');

-- CreateEnum
CREATE TYPE "AgentVisibility" AS ENUM ('private', 'unlisted', 'public');

-- CreateEnum
CREATE TYPE "DeploymentStatus" AS ENUM ('pending', 'building', 'testing', 'canary', 'active', 'failed', 'superseded', 'rolled_back', 'stopped');

-- CreateEnum
CREATE TYPE "RunStatus" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'timed_out', 'canceled');

-- CreateEnum
CREATE TYPE "LedgerKind" AS ENUM ('granted', 'bought', 'earned', 'earned_granted', 'fees', 'grants_issued', 'purchases_issued', 'paid_out');

-- CreateEnum
CREATE TYPE "TransferType" AS ENUM ('grant', 'purchase', 'capture', 'refund', 'payout');

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "kind" "AccountKind" NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "roles" TEXT[] DEFAULT ARRAY['user']::TEXT[],
    "passwordHash" TEXT,
    "emailVerifiedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Member" (
    "accountId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "role" "MemberRole" NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Member_pkey" PRIMARY KEY ("accountId","userId")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "agentIds" TEXT[],
    "monthlyCapMicro" BIGINT,
    "expiresAt" TIMESTAMPTZ(3),
    "lastUsedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SetupLink" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SetupLink_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Agent" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "fileUrl" TEXT NOT NULL,
    "status" "AgentStatus" NOT NULL DEFAULT 'draft',
    "createdBy" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "visibility" "AgentVisibility" NOT NULL DEFAULT 'private',
    "activeVersion" INTEGER,
    "creatorShare" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Agent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AgentVersion" (
    "agentId" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "fileUrl" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "sizeBytes" INTEGER NOT NULL,
    "manifest" JSONB NOT NULL,
    "examples" BYTEA NOT NULL,
    "trusted" BOOLEAN NOT NULL DEFAULT false,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AgentVersion_pkey" PRIMARY KEY ("agentId","version")
);

-- CreateTable
CREATE TABLE "Deployment" (
    "id" TEXT NOT NULL,
    "status" "DeploymentStatus" NOT NULL DEFAULT 'pending',
    "health" JSONB,
    "agentId" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "sourceUrl" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "code" TEXT,
    "message" TEXT,
    "steps" JSONB NOT NULL DEFAULT '[]',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AgentMetrics" (
    "id" TEXT NOT NULL,
    "agentId" TEXT NOT NULL,
    "deploymentId" TEXT,
    "version" INTEGER NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "runs" INTEGER NOT NULL,
    "succeeded" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "timedOut" INTEGER NOT NULL,
    "canceled" INTEGER NOT NULL,
    "callers" INTEGER NOT NULL,
    "p50Ms" DOUBLE PRECISION NOT NULL,
    "p95Ms" DOUBLE PRECISION NOT NULL,
    "p99Ms" DOUBLE PRECISION NOT NULL,
    "chargedMicro" BIGINT NOT NULL,
    "creatorMicro" BIGINT NOT NULL,

    CONSTRAINT "AgentMetrics_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WebEmbed" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "url" TEXT NOT NULL,
    "embedUrl" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "sandbox" TEXT NOT NULL DEFAULT '',
    "allowScripts" BOOLEAN NOT NULL DEFAULT false,
    "requireAuth" BOOLEAN NOT NULL DEFAULT false,
    "allowedDomains" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "blockedDomains" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "width" TEXT NOT NULL DEFAULT '100%',
    "height" TEXT NOT NULL DEFAULT '600px',
    "allowFullscreen" BOOLEAN NOT NULL DEFAULT true,
    "status" TEXT NOT NULL DEFAULT 'active',
    "viewCount" INTEGER NOT NULL DEFAULT 0,
    "agentId" TEXT,
    "accountId" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "WebEmbed_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "accountId" TEXT,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "requestId" TEXT,
    "address" TEXT,

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "runs" (
    "id" UUID NOT NULL,
    "account_id" TEXT NOT NULL,
    "principal" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "creator_account_id" TEXT NOT NULL,
    "status" "RunStatus" NOT NULL,
    "code" TEXT,
    "failure" BYTEA,
    "input" BYTEA,
    "output" BYTEA,
    "logs" BYTEA,
    "hold_granted_micro" BIGINT NOT NULL DEFAULT 0,
    "hold_bought_micro" BIGINT NOT NULL DEFAULT 0,
    "charge_micro" BIGINT NOT NULL DEFAULT 0,
    "creator_micro" BIGINT NOT NULL DEFAULT 0,
    "events" JSONB,
    "started_cold" BOOLEAN,
    "wait_ms" REAL,
    "run_ms" REAL,
    "owner" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deadline_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "parent_run_id" UUID,
    "root_run_id" UUID,
    "budget_micro" BIGINT,
    "receipt" BYTEA,

    CONSTRAINT "runs_pkey" PRIMARY KEY ("account_id","id")
) PARTITION BY RANGE ("id");

-- CreateTable
CREATE TABLE "run_events" (
    "account_id" TEXT NOT NULL,
    "run_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "data" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_events_pkey" PRIMARY KEY ("account_id","run_id","seq")
) PARTITION BY RANGE ("run_id");

-- CreateTable
CREATE TABLE "artifacts" (
    "account_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "object_key" TEXT NOT NULL,
    "is_paid" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "artifacts_pkey" PRIMARY KEY ("account_id","id")
);

-- CreateTable
CREATE TABLE "uploads" (
    "account_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "object_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("account_id","id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "account_id" TEXT NOT NULL,
    "principal" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" BYTEA NOT NULL,
    "run_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("account_id","principal","key")
);

-- CreateTable
CREATE TABLE "processes" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "processes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_accounts" (
    "account_id" TEXT NOT NULL,
    "kind" "LedgerKind" NOT NULL,
    "posted" BIGINT NOT NULL DEFAULT 0,
    "held" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "ledger_accounts_pkey" PRIMARY KEY ("account_id","kind")
);

-- CreateTable
CREATE TABLE "ledger_deltas" (
    "account_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "kind" "LedgerKind" NOT NULL,
    "amount_micro" BIGINT NOT NULL,

    CONSTRAINT "ledger_deltas_pkey" PRIMARY KEY ("account_id","id")
);

-- CreateTable
CREATE TABLE "transfers" (
    "account_id" TEXT NOT NULL,
    "operation_id" UUID NOT NULL,
    "leg" SMALLINT NOT NULL,
    "type" "TransferType" NOT NULL,
    "debit_account_id" TEXT NOT NULL,
    "debit_kind" "LedgerKind" NOT NULL,
    "credit_account_id" TEXT NOT NULL,
    "credit_kind" "LedgerKind" NOT NULL,
    "amount_micro" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "transfers_pkey" PRIMARY KEY ("account_id","operation_id","leg")
) PARTITION BY RANGE ("operation_id");

-- CreateTable
CREATE TABLE "ledger_closings" (
    "account_id" TEXT NOT NULL,
    "kind" "LedgerKind" NOT NULL,
    "closed_at" TIMESTAMPTZ(3) NOT NULL,
    "posted" BIGINT NOT NULL,

    CONSTRAINT "ledger_closings_pkey" PRIMARY KEY ("account_id","kind","closed_at")
);

-- CreateIndex
CREATE UNIQUE INDEX "Account_slug_key" ON "Account"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE INDEX "Member_userId_idx" ON "Member"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_hash_key" ON "ApiKey"("hash");

-- CreateIndex
CREATE INDEX "ApiKey_accountId_createdAt_idx" ON "ApiKey"("accountId", "createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "SetupLink_hash_key" ON "SetupLink"("hash");

-- CreateIndex
CREATE INDEX idx_agent_status ON "Agent"(status);

-- CreateIndex
CREATE INDEX "Agent_visibility_status_createdAt_id_idx" ON "Agent"("visibility", "status", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Agent_accountId_slug_key" ON "Agent"("accountId", "slug");

-- CreateIndex
CREATE INDEX idx_deployment_created_by ON "Deployment"("createdBy");

-- CreateIndex
CREATE UNIQUE INDEX "Deployment_agentId_version_key" ON "Deployment"("agentId", "version");

-- CreateIndex
CREATE INDEX idx_agent_metrics_timestamp ON "AgentMetrics"(timestamp);

-- CreateIndex
CREATE UNIQUE INDEX "AgentMetrics_agentId_version_timestamp_key" ON "AgentMetrics"("agentId", "version", "timestamp");

-- CreateIndex
CREATE INDEX "WebEmbed_accountId_createdAt_idx" ON "WebEmbed"("accountId", "createdAt");

-- CreateIndex
CREATE INDEX "AuditEvent_accountId_id_idx" ON "AuditEvent"("accountId", "id");

-- CreateIndex
CREATE INDEX "AuditEvent_subject_id_idx" ON "AuditEvent"("subject", "id");

-- CreateIndex
CREATE INDEX "runs_agent_id" ON "runs"("agent_id", "id");

-- CreateIndex
CREATE INDEX "artifacts_account_id_run_id_idx" ON "artifacts"("account_id", "run_id");

-- CreateIndex
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys"("expires_at");

-- AddForeignKey
ALTER TABLE "Member" ADD CONSTRAINT "Member_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Member" ADD CONSTRAINT "Member_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Agent" ADD CONSTRAINT "Agent_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AgentVersion" ADD CONSTRAINT "AgentVersion_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AgentMetrics" ADD CONSTRAINT "AgentMetrics_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AgentMetrics" ADD CONSTRAINT "AgentMetrics_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE SET NULL ON UPDATE CASCADE;



-- What follows is not seen by Prisma; test/house/catalogue.pg.test.ts holds it.

-- Catch what falls outside the partitions made ahead; the job create_partitions raises an alarm when one is not empty.
CREATE TABLE runs_default PARTITION OF runs DEFAULT;
CREATE TABLE run_events_default PARTITION OF run_events DEFAULT;
CREATE TABLE transfers_default PARTITION OF transfers DEFAULT;

-- The reaper's question "what does this dead process still own?" must not scan history.
CREATE INDEX runs_open_owner ON runs (owner) WHERE status IN ('queued', 'running');

-- The creator's statement; the platform's rows would only make it larger.
CREATE INDEX transfers_creator ON transfers (credit_account_id, operation_id)
  WHERE credit_kind IN ('earned', 'earned_granted');

-- Never below zero: the last guard behind every statement that moves credits.
ALTER TABLE ledger_accounts
  ADD CONSTRAINT ledger_accounts_held CHECK (held >= 0),
  ADD CONSTRAINT ledger_accounts_available CHECK (kind IN ('grants_issued', 'purchases_issued') OR posted - held >= 0);
ALTER TABLE transfers
  ADD CONSTRAINT transfers_amount CHECK (amount_micro > 0),
  ADD CONSTRAINT transfers_two_sides CHECK ((debit_account_id, debit_kind) IS DISTINCT FROM (credit_account_id, credit_kind));
ALTER TABLE runs
  ADD CONSTRAINT runs_money CHECK (hold_granted_micro >= 0 AND hold_bought_micro >= 0 AND creator_micro >= 0
    AND charge_micro BETWEEN 0 AND hold_granted_micro + hold_bought_micro AND creator_micro <= charge_micro),
  ADD CONSTRAINT runs_only_success_is_charged CHECK (charge_micro = 0 OR status IN ('succeeded', 'canceled')),
  ADD CONSTRAINT runs_finished CHECK ((finished_at IS NULL) = (status IN ('queued', 'running')));

-- Both sides of every transfer, signed: the sum over any set of operations is zero.
CREATE VIEW entries AS
  SELECT account_id, operation_id, leg, type, debit_account_id AS ledger_account_id, debit_kind AS kind,
         -amount_micro AS amount_micro, created_at FROM transfers
  UNION ALL
  SELECT account_id, operation_id, leg, type, credit_account_id, credit_kind, amount_micro, created_at FROM transfers;

-- The smallest UUIDv7 of a moment: the bound of a partition. RFC 9562: 48 bits of Unix milliseconds, big-endian.
CREATE FUNCTION uuid_v7_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- Makes the month's partition of one table, or does nothing where it stands. Returns its name.
CREATE FUNCTION create_month_partition(parent text, month date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  child text := parent || '_' || to_char(month, 'YYYYMM');
  starts timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
  ends timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass(child) IS NULL THEN
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
      child, parent, uuid_v7_floor(starts), uuid_v7_floor(ends));
  END IF;
  RETURN child;
END
$$;
