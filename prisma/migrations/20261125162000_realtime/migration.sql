-- CreateTable
CREATE TABLE "RealtimeRoom" (
    "room" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "wantedUntil" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RealtimeRoom_pkey" PRIMARY KEY ("room")
);

-- CreateTable
CREATE TABLE "RealtimeEvent" (
    "room" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RealtimeEvent_pkey" PRIMARY KEY ("room","seq")
);

-- CreateIndex
CREATE INDEX "RealtimeRoom_wantedUntil_idx" ON "RealtimeRoom"("wantedUntil");

-- CreateIndex
CREATE INDEX "RealtimeEvent_createdAt_idx" ON "RealtimeEvent"("createdAt");
