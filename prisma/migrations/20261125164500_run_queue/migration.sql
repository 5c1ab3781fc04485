-- Runs that wait: admitted with their hold and their input, executed by whichever process has room. What a queued run
-- needs beyond an ordinary one stands in its row, so that any process can take it. All of it is null for a run that was
-- executed by the request that asked for it: those are not in the index below and pay nothing for it.

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "attempts" INTEGER,
ADD COLUMN     "cancel_asked_at" TIMESTAMPTZ(3),
ADD COLUMN     "is_fresh" BOOLEAN,
ADD COLUMN     "is_idempotent" BOOLEAN,
ADD COLUMN     "life_ms" BIGINT,
ADD COLUMN     "queue_ms" BIGINT,
ADD COLUMN     "queued_at" TIMESTAMPTZ(3),
ADD COLUMN     "started_at" TIMESTAMPTZ(3);

-- What follows is not seen by Prisma; test/house/catalogue.pg.test.ts holds it.

-- The queue: its accounts in turn, the oldest run of each, and how many of an account execute.
CREATE INDEX runs_queue ON runs (account_id, status, id) WHERE queued_at IS NOT NULL AND status IN ('queued', 'running');

-- Cancels asked of a process by another: almost always empty.
CREATE INDEX runs_cancel ON runs (owner) WHERE cancel_asked_at IS NOT NULL AND status = 'running';

-- Admits a batch of runs as admit_runs does and queues those it admitted, in one transaction. `p_queue_ms` is how long a
-- run may wait; its deadline is that and its own life, and counts anew from its start.
CREATE FUNCTION enqueue_runs(
  p_owner uuid, p_payers text[],
  p_ids uuid[], p_accounts text[], p_principals text[], p_keys text[], p_fingerprints bytea[], p_agents text[],
  p_versions integer[], p_creators text[], p_holds bigint[], p_inputs bytea[], p_lives_ms bigint[], p_key_ttls_ms bigint[],
  p_fresh boolean[], p_idempotent boolean[], p_queue_ms bigint
) RETURNS TABLE (id uuid, outcome text, run_id uuid, created_at timestamptz, available bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  ids uuid[];
  outcomes text[];
  run_ids uuid[];
  moments timestamptz[];
  frees bigint[];
  wanted bigint;
  made bigint;
BEGIN
  SELECT array_agg(a.id), array_agg(a.outcome), array_agg(a.run_id), array_agg(a.created_at), array_agg(a.available),
    count(*) FILTER (WHERE a.outcome = 'admitted')
  INTO ids, outcomes, run_ids, moments, frees, wanted
  FROM admit_runs(p_owner, p_payers, p_ids, p_accounts, p_principals, p_keys, p_fingerprints, p_agents, p_versions,
    p_creators, p_holds, p_inputs, p_lives_ms, p_key_ttls_ms) a;

  UPDATE runs r SET status = 'queued', owner = NULL, queued_at = now(), queue_ms = p_queue_ms, life_ms = o.life_ms,
      deadline_at = now() + (p_queue_ms + o.life_ms) * interval '1 millisecond', is_fresh = o.fresh,
      is_idempotent = o.idempotent, attempts = 0
    FROM unnest(p_ids, p_accounts, p_lives_ms, p_fresh, p_idempotent) AS o (id, account_id, life_ms, fresh, idempotent),
      unnest(ids, outcomes) AS a (id, outcome)
    WHERE a.id = o.id AND a.outcome = 'admitted' AND r.account_id = o.account_id AND r.id = o.id;
  GET DIAGNOSTICS made = ROW_COUNT;
  IF made <> wanted THEN
    RAISE EXCEPTION 'enqueue_runs: % of % runs', made, wanted USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN QUERY SELECT a.id, a.outcome, a.run_id, a.created_at, a.available
    FROM unnest(ids, outcomes, run_ids, moments, frees) AS a (id, outcome, run_id, created_at, available);
END
$$;

-- Admits and queues one run, as admit_run does. Asked again for a run that stands, whatever has become of it since, it
-- says `admitted`: the caller of a queued run is told its id, not its outcome.
CREATE FUNCTION enqueue_run(
  p_owner uuid, p_lock text,
  p_id uuid, p_account text, p_principal text, p_key text, p_fingerprint bytea, p_agent text, p_version integer,
  p_creator text, p_hold bigint, p_input bytea, p_life_ms bigint, p_key_ttl_ms bigint,
  p_fresh boolean, p_idempotent boolean, p_queue_ms bigint
) RETURNS TABLE (outcome text, run_id uuid, created_at timestamptz, available bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
BEGIN
  SELECT a.outcome, a.run_id, a.created_at, a.available INTO outcome, run_id, created_at, available
  FROM admit_run(p_owner, p_lock, p_id, p_account, p_principal, p_key, p_fingerprint, p_agent, p_version, p_creator,
    p_hold, p_input, p_life_ms, p_key_ttl_ms) a;
  IF outcome = 'admitted' THEN
    -- Already marked where an earlier try did it and this process has claimed it since.
    UPDATE runs r SET status = 'queued', owner = NULL, queued_at = now(), queue_ms = p_queue_ms, life_ms = p_life_ms,
        deadline_at = now() + (p_queue_ms + p_life_ms) * interval '1 millisecond', is_fresh = p_fresh,
        is_idempotent = p_idempotent, attempts = 0
      WHERE r.account_id = p_account AND r.id = p_id AND r.queued_at IS NULL;
  ELSIF outcome = 'duplicate' AND run_id = p_id THEN
    outcome := 'admitted';
    SELECT r.created_at INTO created_at FROM runs r WHERE r.account_id = p_account AND r.id = p_id;
    run_id := NULL;
  END IF;
  RETURN NEXT;
END
$$;

-- Takes at most p_limit queued runs for p_owner: one of each account, beginning after the account p_after and once
-- around, so that whoever queued ten thousand waits behind himself. An account that has p_per_account of its queued runs
-- executing, in whatever process, gets no more; the advisory lock makes that exact between processes, and is only tried,
-- because two calls that wait for each other's accounts would wait for ever: an account that somebody else is serving
-- just now is left to him. A run locked elsewhere (it is being canceled) is passed over.
CREATE FUNCTION claim_runs(p_owner uuid, p_after text, p_limit integer, p_per_account integer)
RETURNS TABLE (
  account_id text, id uuid, principal text, agent_id text, version integer, creator_account_id text, input bytea,
  hold_micro bigint, is_fresh boolean, attempts integer, created_at timestamptz, queue_wait_ms double precision
)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  after text := p_after;
  payer text;
  taken integer := 0;
  has_wrapped boolean := false;
  going bigint;
BEGIN
  WHILE taken < p_limit LOOP
    SELECT r.account_id INTO payer FROM runs r
      WHERE r.queued_at IS NOT NULL AND r.status = 'queued' AND r.account_id > after
        AND (NOT has_wrapped OR r.account_id <= p_after)
      ORDER BY r.account_id LIMIT 1;
    IF NOT FOUND THEN
      EXIT WHEN has_wrapped OR p_after = '';
      has_wrapped := true;
      after := '';
      CONTINUE;
    END IF;
    after := payer;
    CONTINUE WHEN NOT pg_try_advisory_xact_lock(72707371, hashtext(payer));
    SELECT count(*) INTO going FROM (SELECT 1 FROM runs r
      WHERE r.queued_at IS NOT NULL AND r.status = 'running' AND r.account_id = payer LIMIT p_per_account) g;
    CONTINUE WHEN going >= p_per_account;
    RETURN QUERY UPDATE runs r SET status = 'running', owner = p_owner, started_at = now(), attempts = r.attempts + 1,
        deadline_at = now() + r.life_ms * interval '1 millisecond'
      FROM (SELECT q.id FROM runs q WHERE q.queued_at IS NOT NULL AND q.status = 'queued' AND q.account_id = payer
        ORDER BY q.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) next
      WHERE r.account_id = payer AND r.id = next.id AND r.status = 'queued'
      RETURNING r.account_id, r.id, r.principal, r.agent_id, r.version, r.creator_account_id, r.input,
        r.hold_granted_micro + r.hold_bought_micro, r.is_fresh, r.attempts, r.created_at,
        (extract(epoch FROM now() - r.queued_at) * 1000)::double precision;
    IF FOUND THEN taken := taken + 1; END IF;
  END LOOP;
END
$$;

-- Cancels a run. One that is queued ends here, with its hold released; of one that is running its owner is asked to, who
-- knows whether anything has left for the caller. Which status and code that is, is decided by nextRunState.
-- Outcomes: canceled | asked (of `owner`) | over | unknown_run.
CREATE FUNCTION cancel_run(p_account text, p_id uuid, p_status text, p_code text, p_failure bytea)
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
      cancel_asked_at = now()
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
  UPDATE runs r SET cancel_asked_at = coalesce(r.cancel_asked_at, now())
    WHERE r.account_id = p_account AND r.id = p_id AND r.status = 'running' RETURNING r.owner INTO owner;
  outcome := 'asked';
  IF NOT FOUND THEN
    outcome := CASE WHEN EXISTS (SELECT 1 FROM runs r WHERE r.account_id = p_account AND r.id = p_id)
      THEN 'over' ELSE 'unknown_run' END;
  END IF;
  RETURN NEXT;
END
$$;

-- Queues again what a dead process was executing and may be executed again: the agent says so, the run was queued, nobody
-- asked to cancel it, and it was not tried p_attempts times. The hold stays. Everything else is reap_runs'. The
-- conditions decide in the UPDATE; no row of the ledger moves, so none is locked.
CREATE FUNCTION requeue_runs(p_limit integer, p_attempts integer) RETURNS TABLE (account_id text, id uuid, owner uuid)
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY UPDATE runs r SET status = 'queued', owner = NULL,
      deadline_at = now() + (r.queue_ms + r.life_ms) * interval '1 millisecond'
    FROM (SELECT q.account_id, q.id, q.owner FROM runs q
      WHERE q.queued_at IS NOT NULL AND q.status = 'running' AND q.is_idempotent AND q.attempts < p_attempts
        AND q.cancel_asked_at IS NULL AND q.deadline_at > now()
        AND NOT EXISTS (SELECT 1 FROM processes p WHERE p.id = q.owner AND p.lease_until > now())
      LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED) lost
    WHERE r.account_id = lost.account_id AND r.id = lost.id AND r.status = 'running'
    RETURNING r.account_id, r.id, lost.owner;
END
$$;
