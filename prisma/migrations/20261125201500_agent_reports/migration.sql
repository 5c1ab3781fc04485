-- What people report of agents to the operator.

-- CreateTable
CREATE TABLE "AgentReport" (
    "id" UUID NOT NULL,
    "agentId" TEXT NOT NULL,
    "version" INTEGER,
    "reason" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "reportedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closedAt" TIMESTAMPTZ(3),
    "closedBy" TEXT,
    "note" TEXT,

    CONSTRAINT "AgentReport_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AgentReport_agentId_id_idx" ON "AgentReport"("agentId", "id");

-- AddForeignKey
ALTER TABLE "AgentReport" ADD CONSTRAINT "AgentReport_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AgentReport" ADD CONSTRAINT "AgentReport_reportedBy_fkey" FOREIGN KEY ("reportedBy") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows is not seen by Prisma; test/house/catalogue.pg.test.ts holds it.

-- A person has one open report of an agent: told again, it is the same one.
CREATE UNIQUE INDEX agent_report_open ON "AgentReport" ("agentId", "reportedBy") WHERE "closedAt" IS NULL;
