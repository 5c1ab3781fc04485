import { statement } from '../../platform/database.ts'

/** Only while the run is ours and running: what a process says whose lease has ended belongs to nobody's run. Asked again
 * after a lost connection it does nothing. */
export const STORE_EVENTS = statement(
  'runs.store_events',
  `insert into run_events (account_id, run_id, seq, type, data, created_at)
   select e.account_id, e.run_id, e.seq, e.type, e.data, e.created_at
   from unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::bytea[], $6::timestamptz[])
     as e (account_id, run_id, seq, type, data, created_at)
   cross join lateral (select 1 from runs r where r.account_id = e.account_id and r.id = e.run_id
     and r.status::text = 'running' and r.owner is not distinct from $7::uuid limit 1) ours
   on conflict do nothing`,
)

export type EventRow = {
  readonly seq: number
  readonly type: string
  readonly data: Buffer
  readonly created_at: Date
}

export const READ_EVENTS = statement<EventRow>(
  'runs.read_events',
  `select seq, type, data, created_at from run_events
   where account_id = $1 and run_id = $2 and seq > $3 order by seq limit $4`,
)

export const LAST_EVENT = statement<{ readonly seq: number }>(
  'runs.last_event',
  'select coalesce(max(seq), 0)::int as seq from run_events where account_id = $1 and run_id = $2',
)

/** New events of many runs, for everybody in this process who watches runs of others. */
export const READ_EVENTS_OF_MANY = statement<EventRow & { readonly run_id: string }>(
  'runs.read_events_of_many',
  `select w.run_id, e.seq, e.type, e.data, e.created_at
   from unnest($1::text[], $2::uuid[], $3::int[]) as w (account_id, run_id, after)
   cross join lateral (select seq, type, data, created_at from run_events e
     where e.account_id = w.account_id and e.run_id = w.run_id and e.seq > w.after order by seq limit 200) e
   order by w.run_id, e.seq`,
)

/** Of the last few hundred events: a run that says much may have said so long ago. */
export const LAST_PROGRESS = statement<{ readonly data: Buffer }>(
  'runs.last_progress',
  `select data from (select type, data, seq from run_events where account_id = $1 and run_id = $2
     order by seq desc limit 500) e
   where type = 'run.progress' order by seq desc limit 1`,
)
