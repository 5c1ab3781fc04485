-- Never written and never read: whether an artifact is paid follows from how its run ended (runs/artifacts), and a copy of
-- that could only come to differ from it. No statement of any version names the column.
ALTER TABLE "artifacts" DROP COLUMN "is_paid";
