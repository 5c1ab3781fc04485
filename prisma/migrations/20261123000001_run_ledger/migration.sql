-- The run path: admit (hold + run row + key), settle (capture or release), reap; and the ledger's slow side: posting
-- from outside, roll-up of deltas. docs/adr/0004-holds-are-columns-captures-are-transfers.md says why it has this shape.
--
-- Rules that every function here keeps, and every later one has to:
--  1. A payer's two rows (granted, bought) are changed only by a transaction that holds their row locks, taken in
--     (account_id, kind) order in a statement of its own. The next statement has a fresh snapshot (READ COMMITTED), so
--     what it reads of that account (balances, keys, runs) is the truth until commit.
--  2. Hot rows (earned, earned_granted, fees, …_issued) are never updated here: they get a row in ledger_deltas.
--  3. What decides is a WHERE; what was affected is counted, and a count that does not fit raises.
--
-- The functions carry their planner settings: with generic plans every join below is a nested loop over primary keys,
-- whatever the tables' size was when the plan was made. With hash joins allowed, a plan made on an empty database reads
-- the whole of idempotency_keys and ledger_accounts for every batch until the next autoanalyze.

-- Rows of this table are rewritten twice a batch: room on the page keeps the updates off the index (HOT), and dead
-- versions are swept by count, because 20 % of a small table is never reached and of a large one too late.
ALTER TABLE ledger_accounts SET (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
ALTER TABLE ledger_deltas SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The platform's side of every transfer.
INSERT INTO "Account" ("id", "name", "slug", "kind") VALUES ('platform', 'Platform', 'platform', 'platform');
INSERT INTO ledger_accounts (account_id, kind) VALUES
  ('platform', 'fees'), ('platform', 'grants_issued'), ('platform', 'purchases_issued'), ('platform', 'paid_out');

-- The creator's part of an amount, rounded down; the platform takes the rest. Divided before it is multiplied, so that
-- it cannot overflow. Inlined by the planner.
CREATE FUNCTION creator_part(amount bigint, share integer) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT amount / 10000 * share + amount % 10000 * share / 10000
$$;

-- Admits a batch of runs: for each, in one transaction, the key, the hold and the run row, or a reason why not.
-- Parallel arrays, one element a run; keys are distinct within (account, principal); `payers` are the distinct accounts.
-- Outcomes: admitted | duplicate (of run_id) | key_reused | insufficient (with `available`) | unknown_account | locked
-- (somebody else holds the rows: send it again) | again (affordable by itself, but not behind what came before it in
-- this batch; the first undecided order of an account is always decided, so this ends) | alone (this very run stands
-- already: ask admit_run). A raise fails the whole batch and leaves nothing.
--
-- Measured on 2 cores, fsync on, 32 callers of 32 accounts, admit + settle (bench figures of this file are runs/s in
-- one session; only ratios count): see src/runs/batcher.ts. Rejected: a function per run, 5 x slower at 32 callers;
-- `on conflict do nothing` on runs (hides a repeated id, which has to be looked at, and costs a speculative insert).
CREATE FUNCTION admit_runs(
  p_owner uuid, p_payers text[],
  p_ids uuid[], p_accounts text[], p_principals text[], p_keys text[], p_fingerprints bytea[], p_agents text[],
  p_versions integer[], p_creators text[], p_holds bigint[], p_inputs bytea[], p_lives_ms bigint[], p_key_ttls_ms bigint[]
) RETURNS TABLE (id uuid, outcome text, run_id uuid, created_at timestamptz, available bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  locked text[];
  elsewhere text[] := '{}';
  ids uuid[];
  outcomes text[];
  run_ids uuid[];
  frees bigint[];
  keys_wanted bigint;
  keys_made bigint;
  runs_wanted bigint;
  runs_made bigint;
  rows_wanted bigint;
  rows_moved bigint;
BEGIN
  SELECT array_agg(l.account_id) INTO locked FROM (
    SELECT account_id FROM ledger_accounts WHERE account_id = ANY (p_payers) AND kind IN ('granted', 'bought')
    ORDER BY account_id, kind FOR NO KEY UPDATE SKIP LOCKED) l;
  IF coalesce(cardinality(locked), 0) < 2 * cardinality(p_payers) THEN
    SELECT coalesce(array_agg(payer), '{}') INTO elsewhere FROM unnest(p_payers) payer
    WHERE (SELECT count(*) FROM unnest(locked) l WHERE l = payer) < 2;
  END IF;

  WITH orders AS (
    SELECT * FROM unnest(p_ids, p_accounts, p_principals, p_keys, p_fingerprints, p_agents, p_versions, p_creators,
      p_holds, p_inputs, p_lives_ms, p_key_ttls_ms) WITH ORDINALITY
      AS o (id, account_id, principal, key, fingerprint, agent_id, version, creator, hold, input, life_ms, key_ttl_ms, n)
  ),
  faced AS (
    SELECT o.*, k.run_id AS known_run, k.fingerprint AS known_fingerprint, granted.free AS granted, bought.free AS bought,
      CASE
        WHEN granted.free IS NULL OR bought.free IS NULL THEN 'unknown_account'
        WHEN o.account_id = ANY (elsewhere) THEN 'locked'
        WHEN k.run_id IS NULL AND o.hold > granted.free + bought.free THEN 'insufficient'
        WHEN k.run_id IS NULL THEN 'fresh'
        WHEN k.run_id = o.id THEN 'alone'
        WHEN k.fingerprint = o.fingerprint THEN 'duplicate'
        ELSE 'key_reused'
      END AS face
    FROM orders o
    -- LIMIT keeps each a lookup by primary key: the planner may not turn it into a join over the table.
    LEFT JOIN LATERAL (SELECT posted - held AS free FROM ledger_accounts l
      WHERE l.account_id = o.account_id AND l.kind = 'granted' LIMIT 1) granted ON true
    LEFT JOIN LATERAL (SELECT posted - held AS free FROM ledger_accounts l
      WHERE l.account_id = o.account_id AND l.kind = 'bought' LIMIT 1) bought ON true
    LEFT JOIN LATERAL (SELECT run_id, fingerprint FROM idempotency_keys k
      WHERE k.account_id = o.account_id AND k.principal = o.principal AND k.key = o.key AND k.expires_at > now()
      LIMIT 1) k ON o.key IS NOT NULL
  ),
  -- Running totals over the fresh ones of an account, in order of arrival: the affordable prefix.
  summed AS (
    SELECT f.*, sum(CASE WHEN face = 'fresh' THEN hold ELSE 0 END) OVER (PARTITION BY account_id ORDER BY n) AS upto
    FROM faced f
  ),
  judged AS (
    SELECT s.*,
      CASE WHEN face <> 'fresh' THEN face WHEN upto <= granted + bought THEN 'admitted' ELSE 'again' END AS verdict,
      -- Granted credits are spent first: what this run takes of them is what the running total newly covers.
      greatest(0, least(upto, granted) - least(upto - hold, granted))::bigint AS hold_granted
    FROM summed s
  ),
  new_keys AS (
    INSERT INTO idempotency_keys AS k (account_id, principal, key, fingerprint, run_id, expires_at)
    SELECT account_id, principal, key, fingerprint, id, now() + key_ttl_ms * interval '1 millisecond'
    FROM judged WHERE verdict = 'admitted' AND key IS NOT NULL
    ON CONFLICT (account_id, principal, key) DO UPDATE
      SET fingerprint = excluded.fingerprint, run_id = excluded.run_id, expires_at = excluded.expires_at
      WHERE k.expires_at <= now()
    RETURNING 1
  ),
  new_runs AS (
    INSERT INTO runs (id, account_id, principal, agent_id, version, creator_account_id, status, input,
      hold_granted_micro, hold_bought_micro, owner, created_at, deadline_at)
    SELECT id, account_id, principal, agent_id, version, creator, 'running', input,
      hold_granted, hold - hold_granted, p_owner, now(), now() + life_ms * interval '1 millisecond'
    FROM judged WHERE verdict = 'admitted'
    RETURNING 1
  ),
  holds AS (
    SELECT account_id, 'granted'::"LedgerKind" AS kind, sum(hold_granted)::bigint AS amount
    FROM judged WHERE verdict = 'admitted' GROUP BY account_id HAVING sum(hold_granted) > 0
    UNION ALL
    SELECT account_id, 'bought', sum(hold - hold_granted)::bigint
    FROM judged WHERE verdict = 'admitted' GROUP BY account_id HAVING sum(hold - hold_granted) > 0
  ),
  moved AS (
    UPDATE ledger_accounts l SET held = l.held + h.amount FROM holds h
    WHERE l.account_id = h.account_id AND l.kind = h.kind RETURNING 1
  )
  SELECT array_agg(j.id), array_agg(j.verdict), array_agg(j.known_run), array_agg(j.granted + j.bought),
    count(*) FILTER (WHERE j.verdict = 'admitted' AND j.key IS NOT NULL), (SELECT count(*) FROM new_keys),
    count(*) FILTER (WHERE j.verdict = 'admitted'), (SELECT count(*) FROM new_runs),
    (SELECT count(*) FROM holds), (SELECT count(*) FROM moved)
  INTO ids, outcomes, run_ids, frees, keys_wanted, keys_made, runs_wanted, runs_made, rows_wanted, rows_moved
  FROM judged j;

  -- Cannot happen while every writer keeps rule 1. If one does not, nothing of this batch stands.
  IF keys_made <> keys_wanted OR runs_made <> runs_wanted OR rows_moved <> rows_wanted THEN
    RAISE EXCEPTION 'admit_runs: % of % keys, % of % runs, % of % ledger rows',
      keys_made, keys_wanted, runs_made, runs_wanted, rows_moved, rows_wanted USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN QUERY SELECT a.id, a.outcome, a.run_id, now()::timestamptz(3), a.free
    FROM unnest(ids, outcomes, run_ids, frees) AS a (id, outcome, run_id, free);
END
$$;

-- Admits one run; also the resolver of a batch's doubts and of a lost connection: asked again for a run that stands, it
-- says `admitted` as long as that run is still ours to execute, else `duplicate` (of itself: somebody settled it).
-- `p_lock` = skip answers `locked` where somebody holds the account; wait waits for at most lock_timeout, then raises.
-- Outcomes as above, and insufficient (with `available`). For one run half the time of a batch of one (ADR 0004).
CREATE FUNCTION admit_run(
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
  found_key record;
  found_run record;
BEGIN
  IF p_lock = 'wait' THEN
    PERFORM 1 FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought')
      ORDER BY kind FOR NO KEY UPDATE;
    SELECT max(posted - held) FILTER (WHERE kind = 'granted'), max(posted - held) FILTER (WHERE kind = 'bought')
      INTO granted, bought FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought');
  ELSE
    SELECT max(free) FILTER (WHERE kind = 'granted'), max(free) FILTER (WHERE kind = 'bought') INTO granted, bought FROM (
      SELECT kind, posted - held AS free FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought')
      ORDER BY kind FOR NO KEY UPDATE SKIP LOCKED) l;
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
  IF granted + bought >= p_hold THEN
    from_granted := least(p_hold, granted);
    INSERT INTO runs (id, account_id, principal, agent_id, version, creator_account_id, status, input,
        hold_granted_micro, hold_bought_micro, owner, created_at, deadline_at)
      VALUES (p_id, p_account, p_principal, p_agent, p_version, p_creator, 'running', p_input,
        from_granted, p_hold - from_granted, p_owner, now(), now() + p_life_ms * interval '1 millisecond')
      ON CONFLICT (account_id, id) DO NOTHING;
    IF FOUND THEN
      IF p_key IS NOT NULL THEN
        INSERT INTO idempotency_keys AS k (account_id, principal, key, fingerprint, run_id, expires_at)
          VALUES (p_account, p_principal, p_key, p_fingerprint, p_id, now() + p_key_ttl_ms * interval '1 millisecond')
          ON CONFLICT (account_id, principal, key) DO UPDATE
            SET fingerprint = excluded.fingerprint, run_id = excluded.run_id, expires_at = excluded.expires_at
            WHERE k.expires_at <= now();
        IF NOT FOUND THEN RAISE EXCEPTION 'admit_run: the key was taken' USING ERRCODE = 'serialization_failure'; END IF;
      END IF;
      IF p_hold > 0 THEN
        UPDATE ledger_accounts SET held = held + CASE kind WHEN 'granted' THEN from_granted ELSE p_hold - from_granted END
          WHERE account_id = p_account AND (kind = 'granted' AND from_granted > 0 OR kind = 'bought' AND p_hold > from_granted);
        IF NOT FOUND THEN RAISE EXCEPTION 'admit_run: the account has gone' USING ERRCODE = 'serialization_failure'; END IF;
      END IF;
      outcome := 'admitted';
      created_at := now()::timestamptz(3);
      RETURN NEXT; RETURN;
    END IF;
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

-- Settles a batch of runs that p_owner executes: status, blobs, capture or release, once. The guard is in the WHERE of
-- the first UPDATE; what it returns is all that moves money, so a second settle of a run moves nothing.
-- Outcomes: settled | locked (send it again) | already_settled (with what stands) | unknown_run.
-- Rejected: one transfer row a run with the shares beside it (a sum over one column no longer proves the ledger).
CREATE FUNCTION settle_runs(
  p_owner uuid, p_payers text[],
  p_ids uuid[], p_accounts text[], p_statuses text[], p_codes text[], p_failures bytea[], p_outputs bytea[],
  p_logs bytea[], p_charges bigint[], p_shares integer[], p_events text[], p_colds boolean[], p_waits_ms real[],
  p_runs_ms real[]
) RETURNS TABLE (id uuid, outcome text, status text, code text, charge bigint, creator bigint, finished_at timestamptz)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  locked text[];
  elsewhere text[] := '{}';
  ids uuid[];
  charges bigint[];
  creators bigint[];
  legs_wanted bigint;
  legs_made bigint;
  rows_wanted bigint;
  rows_moved bigint;
BEGIN
  SELECT array_agg(l.account_id) INTO locked FROM (
    SELECT account_id FROM ledger_accounts WHERE account_id = ANY (p_payers) AND kind IN ('granted', 'bought')
    ORDER BY account_id, kind FOR NO KEY UPDATE SKIP LOCKED) l;
  IF coalesce(cardinality(locked), 0) < 2 * cardinality(p_payers) THEN
    SELECT coalesce(array_agg(payer), '{}') INTO elsewhere FROM unnest(p_payers) payer
    WHERE (SELECT count(*) FROM unnest(locked) l WHERE l = payer) < 2;
  END IF;

  WITH orders AS (
    SELECT * FROM unnest(p_ids, p_accounts, p_statuses, p_codes, p_failures, p_outputs, p_logs, p_charges, p_shares,
      p_events, p_colds, p_waits_ms, p_runs_ms)
      AS o (id, account_id, status, code, failure, output, logs, charge, share, events, cold, wait_ms, run_ms)
  ),
  settled AS (
    UPDATE runs r SET
      status = o.status::"RunStatus", code = o.code, failure = o.failure, output = o.output, logs = o.logs,
      events = o.events::jsonb, started_cold = o.cold, wait_ms = o.wait_ms, run_ms = o.run_ms, finished_at = now(),
      charge_micro = least(o.charge, r.hold_granted_micro + r.hold_bought_micro),
      creator_micro = creator_part(least(o.charge, r.hold_granted_micro), o.share)
        + creator_part(least(greatest(o.charge - r.hold_granted_micro, 0), r.hold_bought_micro), o.share)
    FROM orders o
    -- ::text and IS NOT DISTINCT FROM hide these two from the partial index on owner. It looks small to a generic plan,
    -- but holds every run that was settled since the last vacuum, and each call would walk them all.
    WHERE r.account_id = o.account_id AND r.id = o.id AND r.status::text = 'running'
      AND r.owner IS NOT DISTINCT FROM p_owner
      AND o.account_id <> ALL (elsewhere)
    RETURNING r.id, r.account_id, r.creator_account_id, r.hold_granted_micro, r.hold_bought_micro, r.charge_micro,
      r.creator_micro, o.share,
      least(r.charge_micro, r.hold_granted_micro) AS from_granted,
      greatest(r.charge_micro - r.hold_granted_micro, 0) AS from_bought
  ),
  legs AS (
    SELECT s.id, s.account_id, v.leg, v.debit_kind::"LedgerKind", v.credit_account, v.credit_kind::"LedgerKind", v.amount
    FROM settled s CROSS JOIN LATERAL (VALUES
      (1, 'granted', s.creator_account_id, 'earned_granted', creator_part(s.from_granted, s.share)),
      (2, 'granted', 'platform', 'fees', s.from_granted - creator_part(s.from_granted, s.share)),
      -- A creator's own runs earn what cannot be paid out.
      (3, 'bought', s.creator_account_id, CASE WHEN s.account_id = s.creator_account_id THEN 'earned_granted' ELSE 'earned' END,
        creator_part(s.from_bought, s.share)),
      (4, 'bought', 'platform', 'fees', s.from_bought - creator_part(s.from_bought, s.share))
    ) v (leg, debit_kind, credit_account, credit_kind, amount)
    WHERE v.amount > 0
  ),
  written AS (
    INSERT INTO transfers (account_id, operation_id, leg, type, debit_account_id, debit_kind, credit_account_id,
      credit_kind, amount_micro)
    SELECT account_id, id, leg, 'capture', account_id, debit_kind, credit_account, credit_kind, amount FROM legs
    RETURNING 1
  ),
  deltas AS (
    INSERT INTO ledger_deltas (account_id, kind, amount_micro)
    SELECT credit_account, credit_kind, sum(amount)::bigint FROM legs GROUP BY credit_account, credit_kind
  ),
  changes AS (
    SELECT account_id, 'granted'::"LedgerKind" AS kind, sum(hold_granted_micro)::bigint AS hold, sum(from_granted)::bigint AS spent
    FROM settled GROUP BY account_id HAVING sum(hold_granted_micro) > 0
    UNION ALL
    SELECT account_id, 'bought', sum(hold_bought_micro)::bigint, sum(from_bought)::bigint
    FROM settled GROUP BY account_id HAVING sum(hold_bought_micro) > 0
  ),
  moved AS (
    UPDATE ledger_accounts l SET posted = l.posted - c.spent, held = l.held - c.hold FROM changes c
    WHERE l.account_id = c.account_id AND l.kind = c.kind RETURNING 1
  )
  SELECT array_agg(s.id), array_agg(s.charge_micro), array_agg(s.creator_micro),
    (SELECT count(*) FROM legs), (SELECT count(*) FROM written),
    (SELECT count(*) FROM changes), (SELECT count(*) FROM moved)
  INTO ids, charges, creators, legs_wanted, legs_made, rows_wanted, rows_moved
  FROM settled s;

  IF legs_made <> legs_wanted OR rows_moved <> rows_wanted THEN
    RAISE EXCEPTION 'settle_runs: % of % transfers, % of % ledger rows', legs_made, legs_wanted, rows_moved, rows_wanted
      USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN QUERY SELECT a.id, 'settled', null::text, null::text, a.charge, a.creator, now()::timestamptz(3)
    FROM unnest(ids, charges, creators) AS a (id, charge, creator);
  IF coalesce(cardinality(ids), 0) < cardinality(p_ids) THEN
    RETURN QUERY SELECT o.id,
        CASE
          WHEN r.id IS NULL THEN 'unknown_run'
          WHEN r.status = 'running' AND r.owner = p_owner THEN 'locked'
          ELSE 'already_settled'
        END,
        r.status::text, r.code, r.charge_micro, r.creator_micro, r.finished_at
      FROM unnest(p_ids, p_accounts) AS o (id, account_id)
      LEFT JOIN LATERAL (SELECT * FROM runs r WHERE r.account_id = o.account_id AND r.id = o.id LIMIT 1) r ON true
      WHERE o.id <> ALL (coalesce(ids, '{}'));
  END IF;
END
$$;

-- Settles one run, as settle_runs does; `p_lock` as in admit_run. Asked again after a lost connection it answers
-- `already_settled` with what stands, and the asker compares.
CREATE FUNCTION settle_run(
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
  run record;
  from_granted bigint;
  from_bought bigint;
  part_granted bigint;
  part_bought bigint;
BEGIN
  IF p_lock = 'wait' THEN
    PERFORM 1 FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought')
      ORDER BY kind FOR NO KEY UPDATE;
  ELSE
    PERFORM 1 FROM ledger_accounts WHERE account_id = p_account AND kind IN ('granted', 'bought')
      ORDER BY kind FOR NO KEY UPDATE SKIP LOCKED;
  END IF;
  GET DIAGNOSTICS rows_locked = ROW_COUNT;
  IF rows_locked = 2 THEN
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
      IF run.hold_granted_micro + run.hold_bought_micro > 0 THEN
        UPDATE ledger_accounts SET
            posted = posted - CASE kind WHEN 'granted' THEN from_granted ELSE from_bought END,
            held = held - CASE kind WHEN 'granted' THEN run.hold_granted_micro ELSE run.hold_bought_micro END
          WHERE account_id = p_account
            AND (kind = 'granted' AND run.hold_granted_micro > 0 OR kind = 'bought' AND run.hold_bought_micro > 0);
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

-- Settles what nobody will settle any more: running runs whose owner's lease has ended (`p_lost_…`), and open runs past
-- their deadline (`p_late_…`). Holds are released, nothing is charged. At most p_limit a call; accounts locked elsewhere
-- are left for the next call. Which status and code that is, is decided by nextRunState (src/runs/run-state.ts).
-- The conditions stand twice: to choose the accounts to lock, and, under the lock and a fresh snapshot, to decide.
CREATE FUNCTION reap_runs(p_limit integer, p_lost_status text, p_lost_code text, p_late_status text, p_late_code text)
RETURNS TABLE (account_id text, id uuid, status text, owner uuid)
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  ids uuid[];
  accounts text[];
  locked text[];
BEGIN
  SELECT array_agg(c.id), array_agg(c.account_id) INTO ids, accounts FROM (
    SELECT r.id, r.account_id FROM runs r
    WHERE r.status IN ('queued', 'running') AND (r.deadline_at < now() OR r.status = 'running'
      AND NOT EXISTS (SELECT 1 FROM processes p WHERE p.id = r.owner AND p.lease_until > now()))
    LIMIT p_limit) c;
  IF ids IS NULL THEN RETURN; END IF;

  SELECT array_agg(l.account_id) INTO locked FROM (
    SELECT l.account_id FROM ledger_accounts l WHERE l.account_id = ANY (accounts) AND l.kind IN ('granted', 'bought')
    ORDER BY l.account_id, l.kind FOR NO KEY UPDATE SKIP LOCKED) l;
  SELECT array_agg(whole.account_id) INTO locked FROM (
    SELECT l.account_id FROM unnest(locked) AS l (account_id) GROUP BY l.account_id HAVING count(*) = 2) whole;
  IF locked IS NULL THEN RETURN; END IF;

  RETURN QUERY WITH judged AS (
    SELECT r.account_id, r.id, NOT EXISTS (
        SELECT 1 FROM processes p WHERE p.id = r.owner AND p.lease_until > now()) AND r.status = 'running' AS is_lost
    FROM unnest(ids, accounts) AS c (id, account_id)
    JOIN runs r ON r.account_id = c.account_id AND r.id = c.id
    WHERE c.account_id = ANY (locked)
  ),
  reaped AS (
    UPDATE runs r SET
      status = CASE WHEN j.is_lost THEN p_lost_status ELSE p_late_status END::"RunStatus",
      code = CASE WHEN j.is_lost THEN p_lost_code ELSE p_late_code END, finished_at = now()
    FROM judged j
    WHERE r.account_id = j.account_id AND r.id = j.id AND r.status IN ('queued', 'running')
      AND (j.is_lost OR r.deadline_at < now())
    RETURNING r.account_id, r.id, r.status, r.owner, r.hold_granted_micro, r.hold_bought_micro
  ),
  released AS (
    UPDATE ledger_accounts l SET held = l.held - c.hold FROM (
      SELECT r.account_id, 'granted'::"LedgerKind" AS kind, sum(r.hold_granted_micro)::bigint AS hold FROM reaped r GROUP BY 1
      UNION ALL
      SELECT r.account_id, 'bought', sum(r.hold_bought_micro)::bigint FROM reaped r GROUP BY 1) c
    WHERE l.account_id = c.account_id AND l.kind = c.kind AND c.hold > 0
  )
  SELECT r.account_id, r.id, r.status::text, r.owner FROM reaped r;
END
$$;

-- Credits that enter an account from outside: a grant or a purchase. One transfer; asked again under the same operation
-- it does nothing. Outcomes: posted | repeated | conflict (the operation stands with other facts) | unknown_account.
CREATE FUNCTION post_credits(
  p_operation uuid, p_type text, p_source text, p_account text, p_kind text, p_amount bigint
) RETURNS text LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE
  stands record;
BEGIN
  PERFORM 1 FROM ledger_accounts WHERE account_id = p_account AND kind = p_kind::"LedgerKind" FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN 'unknown_account'; END IF;
  INSERT INTO transfers (account_id, operation_id, leg, type, debit_account_id, debit_kind, credit_account_id, credit_kind, amount_micro)
    VALUES (p_account, p_operation, 1, p_type::"TransferType", 'platform', p_source::"LedgerKind", p_account, p_kind::"LedgerKind", p_amount)
    ON CONFLICT (account_id, operation_id, leg) DO NOTHING;
  IF NOT FOUND THEN
    SELECT type, credit_kind, amount_micro INTO stands FROM transfers
      WHERE account_id = p_account AND operation_id = p_operation AND leg = 1;
    RETURN CASE WHEN (stands.type::text, stands.credit_kind::text, stands.amount_micro) = (p_type, p_kind, p_amount)
      THEN 'repeated' ELSE 'conflict' END;
  END IF;
  UPDATE ledger_accounts SET posted = posted + p_amount WHERE account_id = p_account AND kind = p_kind::"LedgerKind";
  INSERT INTO ledger_deltas (account_id, kind, amount_micro) VALUES ('platform', p_source::"LedgerKind", -p_amount);
  RETURN 'posted';
END
$$;

-- Moves at most p_limit open deltas into their ledger accounts, in one statement, so that posted + deltas is the same
-- before and after for every reader. DELETE … RETURNING and not a watermark: rows become visible in another order than
-- their ids. Skips what a concurrent roll-up holds. Returns how many deltas were moved.
CREATE FUNCTION roll_up_ledger(p_limit integer) RETURNS bigint LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE
  moved bigint;
BEGIN
  -- One at a time: two would lock the hot rows in different orders.
  IF NOT pg_try_advisory_xact_lock(72707370) THEN RETURN 0; END IF;
  WITH taken AS (
    DELETE FROM ledger_deltas d USING (
      SELECT account_id, id FROM ledger_deltas LIMIT p_limit FOR UPDATE SKIP LOCKED) chosen
    WHERE d.account_id = chosen.account_id AND d.id = chosen.id
    RETURNING d.account_id, d.kind, d.amount_micro
  ),
  summed AS (
    INSERT INTO ledger_accounts AS l (account_id, kind, posted)
    SELECT account_id, kind, sum(amount_micro)::bigint FROM taken GROUP BY account_id, kind ORDER BY account_id, kind
    ON CONFLICT (account_id, kind) DO UPDATE SET posted = l.posted + excluded.posted
  )
  SELECT count(*) INTO moved FROM taken;
  RETURN moved;
END
$$;
