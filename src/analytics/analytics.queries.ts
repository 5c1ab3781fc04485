import { statement } from '../platform/database.ts'

/** Writes, or writes again, the metrics of every hour in [$1, $2): the same hours twice give the same rows, so a job
 * that is delivered twice or dies in the middle does no harm. Percentiles are by nearest rank (percentile_disc;
 * Hyndman & Fan 1996, definition 1): always a run that happened. A creator's own runs do not count, because they
 * would make an agent look popular. Reads by `runs_id_brin`: the id of a run is its time. */
export const ROLL_UP_AGENT_METRICS = statement(
  'analytics.roll_up_agent_metrics',
  `
  insert into "AgentMetrics" (id, "agentId", "deploymentId", version, timestamp, runs, succeeded, failed, "timedOut",
    canceled, callers, "p50Ms", "p95Ms", "p99Ms", "chargedMicro", "creatorMicro")
  select md5(r.agent_id || ':' || r.version || ':' || r.hour), r.agent_id, min(d.id), r.version, r.hour, count(*),
    count(*) filter (where r.status = 'succeeded'), count(*) filter (where r.status = 'failed'),
    count(*) filter (where r.status = 'timed_out'), count(*) filter (where r.status = 'canceled'),
    count(distinct r.account_id),
    coalesce(percentile_disc(0.5) within group (order by r.run_ms), 0),
    coalesce(percentile_disc(0.95) within group (order by r.run_ms), 0),
    coalesce(percentile_disc(0.99) within group (order by r.run_ms), 0),
    sum(r.charge_micro), sum(r.creator_micro)
  from (
    select agent_id, version, account_id, status, run_ms, charge_micro, creator_micro,
      date_trunc('hour', created_at, 'UTC') as hour
    from runs
    where id >= uuid_v7_floor($1::timestamptz) and id < uuid_v7_floor($2::timestamptz)
      and finished_at is not null and account_id <> creator_account_id
  ) r
  join "Agent" a on a.id = r.agent_id
  left join "Deployment" d on d."agentId" = r.agent_id and d.version = r.version
  group by r.agent_id, r.version, r.hour
  on conflict ("agentId", version, timestamp) do update set
    "deploymentId" = excluded."deploymentId", runs = excluded.runs, succeeded = excluded.succeeded,
    failed = excluded.failed, "timedOut" = excluded."timedOut", canceled = excluded.canceled,
    callers = excluded.callers, "p50Ms" = excluded."p50Ms", "p95Ms" = excluded."p95Ms", "p99Ms" = excluded."p99Ms",
    "chargedMicro" = excluded."chargedMicro", "creatorMicro" = excluded."creatorMicro"
  returning id`,
)

/** Sums the metrics of 30 days up for the agents that have new ones since $1, and for up to $2 whose facts are a day old,
 * so that what nobody runs any more ages too. Percentiles are those of each hour, averaged by runs: the exact ones would
 * need the runs themselves. Rating: Wilson 1927, "Probable Inference", lower bound at z = 1.96. */
export const REFRESH_FACTS = statement(
  'analytics.refresh_facts',
  `with due as (
     select "agentId" as id from "AgentMetrics" where timestamp >= $1
     union
     (select id from "Agent" where runs > 0 and "factsAt" < now() - interval '1 day' order by "factsAt" limit $2)
   ), facts as (
     select d.id, coalesce(sum(m.runs), 0)::int as runs, coalesce(sum(m.succeeded), 0)::int as succeeded,
       coalesce(sum(m.runs - m.canceled), 0)::int as ended,
       (sum(m."chargedMicro") / nullif(sum(m.succeeded), 0))::bigint as typical,
       sum(m."p50Ms" * m.runs) / nullif(sum(m.runs), 0) as p50, sum(m."p95Ms" * m.runs) / nullif(sum(m.runs), 0) as p95
     from due d left join "AgentMetrics" m on m."agentId" = d.id and m.timestamp >= now() - interval '30 days'
     group by d.id
   ), rated as (
     select *, case when ended = 0 then 0 else greatest(0, (succeeded::float8 / ended + 1.9208 / ended
       - 1.96 * sqrt(succeeded::float8 * (ended - succeeded) / ended + 0.9604) / ended) / (1 + 3.8416 / ended)) end as rating
     from facts
   )
   update "Agent" a set runs = r.runs, succeeded = r.succeeded, "endedRuns" = r.ended, "typicalMicro" = r.typical,
     "p50Ms" = r.p50, "p95Ms" = r.p95, rating = r.rating, "factsAt" = now()
   from rated r
   where a.id = r.id and (a."factsAt" is null or a."factsAt" < now() - interval '1 day'
     or (a.runs, a.succeeded, a."endedRuns", a."typicalMicro", a."p50Ms", a."p95Ms")
       is distinct from (r.runs, r.succeeded, r.ended, r.typical, r.p50, r.p95))`,
)
