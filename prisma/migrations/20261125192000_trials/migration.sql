-- Visitors' trials: runs of guests, paid by an account of the site's own, so many a day for each network and for all
-- together. The daily budget is the balance of that account, so that what keeps it is what keeps every payer: the hold
-- in the statement that admits the run.

-- CreateTable
CREATE TABLE "trial_uses" (
    "network" BYTEA NOT NULL,
    "day" DATE NOT NULL,
    "run_id" UUID NOT NULL,
    "request" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trial_uses_pkey" PRIMARY KEY ("network","day","run_id")
);

-- CreateIndex
CREATE INDEX "trial_uses_day_idx" ON "trial_uses"("day");

-- CreateTable
CREATE TABLE "trial_days" (
    "day" DATE NOT NULL,
    "budget_micro" BIGINT NOT NULL,

    CONSTRAINT "trial_days_pkey" PRIMARY KEY ("day")
);

-- Who pays for them. No address of a person's account begins with an @.
INSERT INTO "Account" ("id", "name", "slug", "kind") VALUES ('trials', 'Trials', '@trials', 'platform');
INSERT INTO ledger_accounts (account_id, kind) VALUES ('trials', 'granted'), ('trials', 'bought');

-- The day's budget is there, whoever asks first: the balance is brought to it in the morning (what was left over is not
-- added to), and moved by the difference where the operator changes the budget during the day; what is held by then stays
-- held. The credits are given by the site and count as bought, so that creators earn by trials as by any other run.
CREATE FUNCTION fund_trials(p_operation uuid, p_budget bigint) RETURNS void LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
  known bigint;
  funds record;
  change bigint;
BEGIN
  SELECT budget_micro INTO known FROM trial_days WHERE day = today;
  IF known = p_budget THEN RETURN; END IF;
  -- Both rows of the payer, in their order, as everybody who changes one does. The next statement sees what whoever held
  -- them before us did.
  PERFORM 1 FROM ledger_accounts WHERE account_id = 'trials' AND kind IN ('granted', 'bought')
    ORDER BY kind FOR NO KEY UPDATE;
  SELECT budget_micro INTO known FROM trial_days WHERE day = today;
  IF known = p_budget THEN RETURN; END IF;
  SELECT posted, held INTO funds FROM ledger_accounts WHERE account_id = 'trials' AND kind = 'bought';
  change := greatest(p_budget - coalesce(known, funds.posted), funds.held - funds.posted);
  IF change > 0 THEN
    INSERT INTO transfers (account_id, operation_id, leg, type, debit_account_id, debit_kind, credit_account_id, credit_kind, amount_micro)
      VALUES ('trials', p_operation, 1, 'grant', 'platform', 'grants_issued', 'trials', 'bought', change);
  ELSIF change < 0 THEN
    INSERT INTO transfers (account_id, operation_id, leg, type, debit_account_id, debit_kind, credit_account_id, credit_kind, amount_micro)
      VALUES ('trials', p_operation, 1, 'refund', 'trials', 'bought', 'platform', 'grants_issued', -change);
  END IF;
  IF change <> 0 THEN
    UPDATE ledger_accounts SET posted = posted + change WHERE account_id = 'trials' AND kind = 'bought';
    INSERT INTO ledger_deltas (account_id, kind, amount_micro) VALUES ('platform', 'grants_issued', -change);
  END IF;
  INSERT INTO trial_days AS d (day, budget_micro) VALUES (today, p_budget)
    ON CONFLICT (day) DO UPDATE SET budget_micro = excluded.budget_micro;
END
$$;

-- How many trials a network has had today. One counts once it is admitted; until then for a minute, so that many at once
-- do not all pass, and one whose process died before it was admitted does not count for the day.
CREATE FUNCTION count_trials(p_network bytea) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT count(*)::integer FROM trial_uses u
  WHERE u.network = p_network AND u.day = (now() AT TIME ZONE 'UTC')::date
    AND (u.created_at > now() - interval '1 minute'
      OR EXISTS (SELECT 1 FROM runs r WHERE r.account_id = 'trials' AND r.id = u.run_id))
$$;

-- Takes one of the network's trials for a run that is about to be admitted. The lock makes those of one network take
-- turns, in whatever process. `p_request` names the request where it has an idempotency key: asked again it takes nothing.
-- Outcomes: taken | repeated | used_up.
CREATE FUNCTION take_trial(p_network bytea, p_run uuid, p_request bytea, p_most integer, p_operation uuid, p_budget bigint)
RETURNS text LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
  PERFORM pg_advisory_xact_lock(72707372, hashtext(encode(p_network, 'hex')));
  IF p_request IS NOT NULL AND EXISTS (
    SELECT 1 FROM trial_uses u WHERE u.network = p_network AND u.day = today AND u.request = p_request) THEN
    RETURN 'repeated';
  END IF;
  IF count_trials(p_network) >= p_most THEN RETURN 'used_up'; END IF;
  PERFORM fund_trials(p_operation, p_budget);
  INSERT INTO trial_uses (network, day, run_id, request) VALUES (p_network, today, p_run, p_request);
  RETURN 'taken';
END
$$;
