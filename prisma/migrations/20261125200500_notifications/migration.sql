-- What somebody is told of: a list for each person, told live to the pages they have open, and by mail if they wish.

-- CreateTable
CREATE TABLE "Notification" (
    "id" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "accountId" TEXT,
    "kind" TEXT NOT NULL,
    "once" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "readAt" TIMESTAMPTZ(3),
    "mailDue" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Notification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "NotificationWish" (
    "userId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "byMail" BOOLEAN NOT NULL,

    CONSTRAINT "NotificationWish_pkey" PRIMARY KEY ("userId","kind")
);

-- CreateIndex
CREATE UNIQUE INDEX "Notification_userId_kind_once_key" ON "Notification"("userId", "kind", "once");

-- CreateIndex
CREATE INDEX "Notification_userId_id_idx" ON "Notification"("userId", "id");

-- CreateIndex
CREATE INDEX "Notification_createdAt_idx" ON "Notification"("createdAt");

-- AddForeignKey
ALTER TABLE "Notification" ADD CONSTRAINT "Notification_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Notification" ADD CONSTRAINT "Notification_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NotificationWish" ADD CONSTRAINT "NotificationWish_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What follows is not seen by Prisma; test/house/catalogue.pg.test.ts holds it.

-- Mails that are due: almost always none.
CREATE INDEX notification_mail_due ON "Notification" ("id") WHERE "mailDue";

-- Open pages hear that there is something new, from whatever made it, if and when that commits: in the rooms of the
-- accounts that the person may act for. What it is they ask for themselves: others hear these rooms too. Rooms are
-- numbered and stored as by the statement realtime.tell, in the order of their names, so that nobody waits for each other.
CREATE FUNCTION tell_notification() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  heard record;
BEGIN
  FOR heard IN SELECT r.room FROM "RealtimeRoom" r WHERE r.room IN (
      SELECT 'account:' || m."accountId" FROM "Member" m
      WHERE m."userId" = NEW."userId" AND (NEW."accountId" IS NULL OR m."accountId" = NEW."accountId"))
    ORDER BY r.room FOR UPDATE LOOP
    WITH bumped AS (UPDATE "RealtimeRoom" SET seq = seq + 1 WHERE room = heard.room RETURNING seq)
    INSERT INTO "RealtimeEvent" (room, seq, type, data) SELECT heard.room, bumped.seq, 'notification:created', '{}' FROM bumped;
    PERFORM pg_notify('realtime', heard.room);
  END LOOP;
  RETURN NULL;
END
$$;
CREATE TRIGGER notification_is_told AFTER INSERT ON "Notification" FOR EACH ROW EXECUTE FUNCTION tell_notification();
