-- Who asked for a cancel, so that whoever opens the run later is told who stopped it. The name of a principal, as in
-- `principal`: never an address. Null for runs that were stopped before this.

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "cancel_asked_by" TEXT;

-- As cancel_run without `p_by`, which processes of the release before this one still call: who asks first is who stopped
-- it, whoever presses again meanwhile.
CREATE FUNCTION cancel_run(p_account text, p_id uuid, p_status text, p_code text, p_failure bytea, p_by text)
RETURNS TABLE (outcome text, owner uuid)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  run record;
BEGIN
  PERFORM 1 FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought')
    ORDER BY kind FOR NO KEY UPDATE;
  UPDATE runs r SET status = p_status::"RunStatus", code = p_code, failure = p_failure, finished_at = now(),
      cancel_asked_at = now(), cancel_asked_by = p_by
    WHERE r.account_id = p_account AND r.id = p_id AND r.status = 'queued'
    RETURNING r.hold_granted_micro, r.hold_bought_micro INTO run;
  IF FOUND THEN
    UPDATE ledger_accounts SET
        held = held - CASE kind WHEN 'granted' THEN run.hold_granted_micro ELSE run.hold_bought_micro END
      WHERE account_id = p_account
        AND (kind = 'granted' AND run.hold_granted_micro > 0 OR kind = 'bought' AND run.hold_bought_micro > 0);
    outcome := 'canceled';
    RETURN NEXT; RETURN;
  END IF;
  UPDATE runs r SET cancel_asked_at = coalesce(r.cancel_asked_at, now()),
      cancel_asked_by = CASE WHEN r.cancel_asked_at IS NULL THEN p_by ELSE r.cancel_asked_by END
    WHERE r.account_id = p_account AND r.id = p_id AND r.status = 'running' RETURNING r.owner INTO owner;
  outcome := 'asked';
  IF NOT FOUND THEN
    outcome := CASE WHEN EXISTS (SELECT 1 FROM runs r WHERE r.account_id = p_account AND r.id = p_id)
      THEN 'over' ELSE 'unknown_run' END;
  END IF;
  RETURN NEXT;
END
$$;
