-- An account that pays has its two ledger rows from the moment it exists, whoever made it: admission locks them, and
-- must be able to tell an unknown account from an empty one. A trigger, because people (who make accounts) may not know
-- of credits, and because every other way to insert an account would forget it once.
CREATE FUNCTION open_ledger_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind <> 'platform' THEN
    INSERT INTO ledger_accounts (account_id, kind) VALUES (NEW.id, 'granted'), (NEW.id, 'bought') ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER account_opens_ledger_accounts AFTER INSERT ON "Account"
  FOR EACH ROW EXECUTE FUNCTION open_ledger_accounts();
INSERT INTO ledger_accounts (account_id, kind)
  SELECT a.id, k.kind FROM "Account" a, unnest(ARRAY['granted', 'bought']::"LedgerKind"[]) AS k(kind)
  WHERE a.kind <> 'platform' ON CONFLICT DO NOTHING;
