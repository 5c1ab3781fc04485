-- What the catalogue filters, sorts and searches by stands on the agent's own row, so that a page of it is one walk along
-- one index. Facts are rolled up from "AgentMetrics"; nothing on the run path writes here.
ALTER TABLE "Agent"
  ADD COLUMN "category" TEXT NOT NULL DEFAULT 'other',
  ADD COLUMN "icon" TEXT,
  ADD COLUMN "language" TEXT NOT NULL DEFAULT 'typescript',
  ADD COLUMN "hosts" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "maxMicro" BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN "isTrial" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "runs" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "endedRuns" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "succeeded" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "rating" DOUBLE PRECISION NOT NULL DEFAULT 0,
  ADD COLUMN "typicalMicro" BIGINT,
  ADD COLUMN "p50Ms" DOUBLE PRECISION,
  ADD COLUMN "p95Ms" DOUBLE PRECISION,
  ADD COLUMN "factsAt" TIMESTAMPTZ(3),
  ADD COLUMN "search" tsvector;

ALTER TABLE "AgentVersion" ADD COLUMN "readme" TEXT;

-- Names weigh more than what is said about them, and are found as they are written, in any language; descriptions also by
-- the stems of English words. A trigger and not a generated column: Prisma takes a generated one for a default that drifted.
CREATE FUNCTION agent_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search := setweight(to_tsvector('simple', NEW.name || ' ' || replace(NEW.slug, '-', ' ')), 'A')
    || setweight(to_tsvector('english', NEW.name), 'A')
    || setweight(to_tsvector('simple', NEW.category), 'B')
    || setweight(to_tsvector('english', NEW.description), 'C')
    || setweight(to_tsvector('simple', NEW.description), 'D');
  RETURN NEW;
END
$$;
CREATE TRIGGER agent_search BEFORE INSERT OR UPDATE OF name, slug, description, category ON "Agent"
  FOR EACH ROW EXECUTE FUNCTION agent_search();

UPDATE "Agent" a SET
  name = a.name,
  hosts = coalesce((SELECT jsonb_array_length(v.manifest -> 'egress') FROM "AgentVersion" v
    WHERE v."agentId" = a.id AND v.version = a."activeVersion"), 0),
  "maxMicro" = coalesce((SELECT (v.manifest -> 'price' ->> 'maxMicro')::bigint FROM "AgentVersion" v
    WHERE v."agentId" = a.id AND v.version = a."activeVersion"), 0);

-- Partial: only what everyone may see is walked through; an account's own agents are few and found by (accountId, slug).
CREATE INDEX agent_catalogue_runs ON "Agent" (runs, id) WHERE visibility = 'public' AND status = 'active';
CREATE INDEX agent_catalogue_new ON "Agent" ("createdAt", id) WHERE visibility = 'public' AND status = 'active';
CREATE INDEX agent_catalogue_rating ON "Agent" (rating, id) WHERE visibility = 'public' AND status = 'active';
CREATE INDEX agent_catalogue_price ON "Agent" ((coalesce("typicalMicro", "maxMicro")), id)
  WHERE visibility = 'public' AND status = 'active';
CREATE INDEX agent_catalogue_category ON "Agent" (category, runs, id) WHERE visibility = 'public' AND status = 'active';
-- Agents change seldom and are searched often: no list of changes that every search reads and the planner fears.
CREATE INDEX agent_catalogue_search ON "Agent" USING gin (search) WITH (fastupdate = off) WHERE visibility = 'public' AND status = 'active';
CREATE INDEX agent_facts_age ON "Agent" ("factsAt") WHERE runs > 0;
