-- Which run is next was told to the update by a join, and where the statistics of runs are older than its queue (an ANALYZE
-- while nothing waited), the join was made from the wrong side: each claim read the whole queue of its account. Now the id
-- is looked up first, and only an index that is in the order of the queue may be read for it.
CREATE OR REPLACE FUNCTION claim_runs(p_owner uuid, p_after text, p_limit integer, p_per_account integer)
RETURNS TABLE (
  account_id text, id uuid, principal text, agent_id text, version integer, creator_account_id text, input bytea,
  hold_micro bigint, is_fresh boolean, attempts integer, created_at timestamptz, queue_wait_ms double precision
)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET enable_sort = off SET jit = off SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
  after text := p_after;
  payer text;
  taken integer := 0;
  taken_this_round integer := 0;
  has_wrapped boolean := p_after = '';
  going bigint;
  chosen uuid;
BEGIN
  WHILE taken < p_limit LOOP
    SELECT r.account_id INTO payer FROM runs r
      WHERE r.queued_at IS NOT NULL AND r.status = 'queued' AND r.account_id > after
        AND (NOT has_wrapped OR p_after = '' OR r.account_id <= p_after)
      ORDER BY r.account_id LIMIT 1;
    IF NOT FOUND THEN
      IF NOT has_wrapped THEN
        has_wrapped := true;
        after := '';
        CONTINUE;
      END IF;
      EXIT WHEN taken_this_round = 0;
      taken_this_round := 0;
      has_wrapped := p_after = '';
      after := p_after;
      CONTINUE;
    END IF;
    after := payer;
    CONTINUE WHEN NOT pg_try_advisory_xact_lock(72707371, hashtext(payer));
    SELECT count(*) INTO going FROM (SELECT 1 FROM runs r
      WHERE r.queued_at IS NOT NULL AND r.status = 'running' AND r.account_id = payer LIMIT p_per_account) g;
    CONTINUE WHEN going >= p_per_account;
    SELECT r.id INTO chosen FROM runs r
      WHERE r.queued_at IS NOT NULL AND r.status = 'queued' AND r.account_id = payer
      ORDER BY r.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    RETURN QUERY UPDATE runs r SET status = 'running', owner = p_owner, started_at = now(), attempts = r.attempts + 1,
        deadline_at = now() + r.life_ms * interval '1 millisecond'
      WHERE r.account_id = payer AND r.id = chosen AND r.status = 'queued'
      RETURNING r.account_id, r.id, r.principal, r.agent_id, r.version, r.creator_account_id, r.input,
        r.hold_granted_micro + r.hold_bought_micro, r.is_fresh, r.attempts, r.created_at,
        (extract(epoch FROM now() - r.queued_at) * 1000)::double precision;
    IF FOUND THEN
      taken := taken + 1;
      taken_this_round := taken_this_round + 1;
    END IF;
  END LOOP;
END
$$;
