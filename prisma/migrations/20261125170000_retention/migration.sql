-- How long the content of runs is kept: input, output, logs, failure, events, artifacts. What a run cost, when and how it
-- ended stays, with its ledger.

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "content_deleted_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "run_retentions" (
    "account_id" TEXT NOT NULL,
    "run_id" UUID NOT NULL,
    "retain_ms" BIGINT NOT NULL,
    "look_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "run_retentions_pkey" PRIMARY KEY ("account_id","run_id")
);

-- CreateTable
CREATE TABLE "run_retention_mark" (
    "id" BOOLEAN NOT NULL DEFAULT true,
    "up_to" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "run_retention_mark_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "run_retentions_look_at_idx" ON "run_retentions"("look_at");

ALTER TABLE run_retention_mark ADD CONSTRAINT run_retention_mark_one CHECK (id);
INSERT INTO run_retention_mark (up_to) SELECT coalesce(min(created_at), now()) FROM runs;

-- Drops a past month of events whole. The name is checked: it is the one thing that comes from outside.
CREATE FUNCTION drop_run_events_month(child text) RETURNS void LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
  IF child !~ '^run_events_[0-9]{6}$' THEN RAISE EXCEPTION '% is not a month of run_events', child; END IF;
  EXECUTE format('ALTER TABLE run_events DETACH PARTITION %I', child);
  EXECUTE format('DROP TABLE %I', child);
END
$$;

-- Writes a past month of runs anew, without the room that its content took, and puts it in place of the old one. False
-- where content is left in it, or where it was done before. Rejected: VACUUM FULL, which locks readers of every month out
-- for as long as it writes (a list of runs opens all partitions); here they wait for the swap alone. Deleting content
-- and plain VACUUM make the room usable again, for a month that nobody writes to any more.
CREATE FUNCTION rewrite_runs_month(child text) RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  slim text := child || '_slim';
  bounds text;
  rule text;
  has_content boolean;
BEGIN
  IF child !~ '^runs_[0-9]{6}$' THEN RAISE EXCEPTION '% is not a month of runs', child; END IF;
  IF obj_description(child::regclass, 'pg_class') = 'content removed' THEN RETURN false; END IF;
  EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', child);
  EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE content_deleted_at IS NULL)', child) INTO has_content;
  IF has_content THEN RETURN false; END IF;
  SELECT pg_get_expr(relpartbound, oid), pg_get_partition_constraintdef(oid) INTO bounds, rule
  FROM pg_class WHERE oid = child::regclass;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', slim, child);
  EXECUTE format('INSERT INTO %I SELECT * FROM %I', slim, child);
  -- Proves the bounds, so that attaching does not read the table again under the lock of its parent.
  EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I CHECK (%s)', slim, slim || '_bounds', rule);
  -- From here on readers wait.
  EXECUTE format('ALTER TABLE runs DETACH PARTITION %I', child);
  EXECUTE format('DROP TABLE %I', child);
  EXECUTE format('ALTER TABLE %I RENAME TO %I', slim, child);
  EXECUTE format('ALTER TABLE runs ATTACH PARTITION %I %s', child, bounds);
  EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', child, slim || '_bounds');
  EXECUTE format('COMMENT ON TABLE %I IS %L', child, 'content removed');
  RETURN true;
END
$$;
