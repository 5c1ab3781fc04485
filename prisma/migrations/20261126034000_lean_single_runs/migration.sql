-- The two functions for a single run with less to start and to stop in them. Same signatures, same answers, same rules
-- (20261123000001_run_ledger says which, and what the batches do, which stay as they are).
--
-- A call spends its time on plans rather than on rows: on starting and stopping their nodes, and on the ancestors of seven
-- indexes, which ON CONFLICT looks up in the catalogue for each insert into a partition. So:
--  - the payer's two rows are locked and read by a join of two lookups, not by a bitmap scan below a sort and an aggregate;
--  - admit_run looks whether the run stands, and inserts: under the payer's locks nobody else inserts it (rule 1), and if
--    somebody did, the primary key would raise;
--  - a ledger row is updated by its whole key, and only a kind that changes is looked for.
--
-- Processor microseconds of PostgreSQL for admitting + settling one run, no flush, tenth percentile of 60 slices in turn
-- (18.4, 2 cores, other suites on the machine): 318 + 375 before, 272 + 347 now. Rejected, in the same way:
--  - the settings of the functions moved to the session: six of them cost 1.3 us a call;
--  - a block with an exception handler around the insert: 15 us less, but a subtransaction and its id a run;
--  - transfers and deltas without common table expression, two or eight statements: 368 and 389 beside 364;
--  - the batches as a statement a step instead of one with common table expressions: 675 -> 689 at two runs, 154 -> 162 at 32;
--    a batch of two as two single calls: 576 -> 595;
--  - the three checks of runs as functions: 19 us less a row and statement, 23 as a trigger; they stay declared.

CREATE OR REPLACE FUNCTION admit_run(
  p_owner uuid, p_lock text,
  p_id uuid, p_account text, p_principal text, p_key text, p_fingerprint bytea, p_agent text, p_version integer,
  p_creator text, p_hold bigint, p_input bytea, p_life_ms bigint, p_key_ttl_ms bigint
) RETURNS TABLE (outcome text, run_id uuid, created_at timestamptz, available bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  granted bigint;
  bought bigint;
  from_granted bigint;
  from_bought bigint;
  found_key record;
  found_run record;
BEGIN
  IF p_lock = 'wait' THEN
    PERFORM 1 FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought')
      ORDER BY kind FOR NO KEY UPDATE;
    SELECT max(posted - held) FILTER (WHERE kind = 'granted'), max(posted - held) FILTER (WHERE kind = 'bought')
      INTO granted, bought FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought');
  ELSE
    -- Locked in the order of FROM: granted, bought.
    SELECT g.posted - g.held, b.posted - b.held INTO granted, bought FROM ledger_accounts g, ledger_accounts b
      WHERE g.account_id = p_account AND g.kind = 'granted' AND b.account_id = p_account AND b.kind = 'bought'
      FOR NO KEY UPDATE SKIP LOCKED;
  END IF;
  IF granted IS NULL OR bought IS NULL THEN
    outcome := 'unknown_account';
    IF (SELECT count(*) FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought')) = 2 THEN
      outcome := 'locked';
    END IF;
    RETURN NEXT; RETURN;
  END IF;

  IF p_key IS NOT NULL THEN
    SELECT k.run_id, k.fingerprint INTO found_key FROM idempotency_keys k
      WHERE k.account_id = p_account AND k.principal = p_principal AND k.key = p_key AND k.expires_at > now();
    IF FOUND AND found_key.run_id <> p_id THEN
      outcome := CASE WHEN found_key.fingerprint = p_fingerprint THEN 'duplicate' ELSE 'key_reused' END;
      run_id := found_key.run_id;
      RETURN NEXT; RETURN;
    END IF;
  END IF;

  -- Whatever the first try did, it did before we got the lock, or it will find what we are about to do.
  IF granted + bought >= p_hold AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.account_id = p_account AND r.id = p_id) THEN
    from_granted := least(p_hold, granted);
    from_bought := p_hold - from_granted;
    INSERT INTO runs (id, account_id, principal, agent_id, version, creator_account_id, status, input,
        hold_granted_micro, hold_bought_micro, owner, created_at, deadline_at)
      VALUES (p_id, p_account, p_principal, p_agent, p_version, p_creator, 'running', p_input,
        from_granted, from_bought, p_owner, now(), now() + p_life_ms * interval '1 millisecond');
    IF p_key IS NOT NULL THEN
      INSERT INTO idempotency_keys AS k (account_id, principal, key, fingerprint, run_id, expires_at)
        VALUES (p_account, p_principal, p_key, p_fingerprint, p_id, now() + p_key_ttl_ms * interval '1 millisecond')
        ON CONFLICT (account_id, principal, key) DO UPDATE
          SET fingerprint = excluded.fingerprint, run_id = excluded.run_id, expires_at = excluded.expires_at
          WHERE k.expires_at <= now();
      IF NOT FOUND THEN RAISE EXCEPTION 'admit_run: the key was taken' USING ERRCODE = 'serialization_failure'; END IF;
    END IF;
    IF from_granted > 0 THEN
      UPDATE ledger_accounts SET held = held + from_granted WHERE account_id = p_account AND kind = 'granted';
      IF NOT FOUND THEN RAISE EXCEPTION 'admit_run: the account has gone' USING ERRCODE = 'serialization_failure'; END IF;
    END IF;
    IF from_bought > 0 THEN
      UPDATE ledger_accounts SET held = held + from_bought WHERE account_id = p_account AND kind = 'bought';
      IF NOT FOUND THEN RAISE EXCEPTION 'admit_run: the account has gone' USING ERRCODE = 'serialization_failure'; END IF;
    END IF;
    outcome := 'admitted';
    created_at := now()::timestamptz(3);
    RETURN NEXT; RETURN;
  END IF;
  SELECT r.status, r.owner, r.created_at INTO found_run FROM runs r WHERE r.account_id = p_account AND r.id = p_id;
  IF NOT FOUND THEN
    outcome := 'insufficient';
    available := granted + bought;
  ELSIF found_run.status = 'running' AND found_run.owner = p_owner THEN
    outcome := 'admitted';
    created_at := found_run.created_at;
  ELSE
    outcome := 'duplicate';
    run_id := p_id;
  END IF;
  RETURN NEXT;
END
$$;

CREATE OR REPLACE FUNCTION settle_run(
  p_owner uuid, p_lock text,
  p_id uuid, p_account text, p_status text, p_code text, p_failure bytea, p_output bytea, p_logs bytea,
  p_charge bigint, p_share integer, p_events text, p_cold boolean, p_wait_ms real, p_run_ms real
) RETURNS TABLE (outcome text, status text, code text, charge bigint, creator bigint, finished_at timestamptz)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  rows_locked bigint;
  is_ours boolean;
  run record;
  from_granted bigint;
  from_bought bigint;
  part_granted bigint;
  part_bought bigint;
BEGIN
  IF p_lock = 'wait' THEN
    PERFORM 1 FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought')
      ORDER BY kind FOR NO KEY UPDATE;
    GET DIAGNOSTICS rows_locked = ROW_COUNT;
    is_ours := rows_locked = 2;
  ELSE
    PERFORM 1 FROM ledger_accounts g, ledger_accounts b
      WHERE g.account_id = p_account AND g.kind = 'granted' AND b.account_id = p_account AND b.kind = 'bought'
      FOR NO KEY UPDATE SKIP LOCKED;
    is_ours := FOUND;
  END IF;
  IF is_ours THEN
    UPDATE runs r SET
        status = p_status::"RunStatus", code = p_code, failure = p_failure, output = p_output, logs = p_logs,
        events = p_events::jsonb, started_cold = p_cold, wait_ms = p_wait_ms, run_ms = p_run_ms, finished_at = now(),
        charge_micro = least(p_charge, r.hold_granted_micro + r.hold_bought_micro),
        creator_micro = creator_part(least(p_charge, r.hold_granted_micro), p_share)
          + creator_part(least(greatest(p_charge - r.hold_granted_micro, 0), r.hold_bought_micro), p_share)
      WHERE r.account_id = p_account AND r.id = p_id AND r.status::text = 'running' AND r.owner IS NOT DISTINCT FROM p_owner
      RETURNING r.creator_account_id, r.hold_granted_micro, r.hold_bought_micro, r.charge_micro, r.creator_micro INTO run;
    IF FOUND THEN
      from_granted := least(run.charge_micro, run.hold_granted_micro);
      from_bought := run.charge_micro - from_granted;
      part_granted := creator_part(from_granted, p_share);
      part_bought := creator_part(from_bought, p_share);
      IF run.charge_micro > 0 THEN
        WITH legs AS (
          SELECT * FROM (VALUES
            (1, 'granted'::"LedgerKind", run.creator_account_id, 'earned_granted'::"LedgerKind", part_granted),
            (2, 'granted', 'platform', 'fees', from_granted - part_granted),
            (3, 'bought', run.creator_account_id,
              CASE WHEN p_account = run.creator_account_id THEN 'earned_granted' ELSE 'earned' END::"LedgerKind", part_bought),
            (4, 'bought', 'platform', 'fees', from_bought - part_bought)
          ) v (leg, debit_kind, credit_account, credit_kind, amount) WHERE amount > 0
        ),
        written AS (
          INSERT INTO transfers (account_id, operation_id, leg, type, debit_account_id, debit_kind, credit_account_id,
            credit_kind, amount_micro)
          SELECT p_account, p_id, leg, 'capture', p_account, debit_kind, credit_account, credit_kind, amount FROM legs
        )
        INSERT INTO ledger_deltas (account_id, kind, amount_micro) SELECT credit_account, credit_kind, amount FROM legs;
      END IF;
      IF run.hold_granted_micro > 0 THEN
        UPDATE ledger_accounts SET posted = posted - from_granted, held = held - run.hold_granted_micro
          WHERE account_id = p_account AND kind = 'granted';
        IF NOT FOUND THEN RAISE EXCEPTION 'settle_run: the account has gone' USING ERRCODE = 'serialization_failure'; END IF;
      END IF;
      IF run.hold_bought_micro > 0 THEN
        UPDATE ledger_accounts SET posted = posted - from_bought, held = held - run.hold_bought_micro
          WHERE account_id = p_account AND kind = 'bought';
        IF NOT FOUND THEN RAISE EXCEPTION 'settle_run: the account has gone' USING ERRCODE = 'serialization_failure'; END IF;
      END IF;
      outcome := 'settled';
      charge := run.charge_micro;
      creator := run.creator_micro;
      finished_at := now()::timestamptz(3);
      RETURN NEXT; RETURN;
    END IF;
  END IF;
  SELECT r.status::text, r.code, r.charge_micro, r.creator_micro, r.finished_at, r.owner
    INTO run FROM runs r WHERE r.account_id = p_account AND r.id = p_id;
  IF NOT FOUND THEN
    outcome := 'unknown_run';
  ELSE
    outcome := CASE WHEN run.status = 'running' AND run.owner = p_owner THEN 'locked' ELSE 'already_settled' END;
    status := run.status; code := run.code; charge := run.charge_micro; creator := run.creator_micro;
    finished_at := run.finished_at;
  END IF;
  RETURN NEXT;
END
$$;
