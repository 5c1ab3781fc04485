import { statement } from '../platform/database.ts'

/** Numbers and stores what was said, room by room. The rows of the rooms are locked in their order first, so that two
 * batches cannot wait for each other, and a number is seen by others in the order in which it was given: whoever commits
 * later under the lock has the higher one. Rooms without a row have no listener, and their events end here. */
export const TELL = statement<{ room: string }>(
  'realtime.tell',
  `with said as (
     select * from unnest($1::text[], $2::text[], $3::text[]) with ordinality as said (room, type, data, place)
   ),
   locked as materialized (
     select room, seq from "RealtimeRoom" where room = any ($1::text[]) order by room for update
   ),
   counted as (
     select locked.room, locked.seq as base, count(*) as many from locked join said using (room) group by 1, 2
   ),
   bumped as (
     update "RealtimeRoom" r set seq = c.base + c.many from counted c where r.room = c.room returning r.room, c.base
   ),
   stored as (
     insert into "RealtimeEvent" (room, seq, type, data)
     select said.room, bumped.base + row_number() over (partition by said.room order by said.place), said.type,
       said.data::jsonb
     from said join bumped using (room)
   )
   select room, pg_notify('realtime', room) from bumped`,
)

/** From now on events of these rooms are stored. @returns the number of each one's last event */
export const WANT_ROOMS = statement<{ room: string; seq: bigint }>(
  'realtime.want_rooms',
  `insert into "RealtimeRoom" (room, seq, "wantedUntil")
   select room, (extract(epoch from now()) * 1000)::bigint, now() + interval '10 minutes'
   from unnest($1::text[]) as wanted (room) order by room
   on conflict (room) do update set "wantedUntil" = excluded."wantedUntil"
   returning room, seq`,
)

export type EventRow = { room: string; seq: bigint; type: string; data: unknown }

/** What came after a number, for many rooms in one round trip. Index: RealtimeEvent_pkey, one range a room. */
export const EVENTS_AFTER = statement<EventRow>(
  'realtime.events_after',
  `select e.room, e.seq, e.type, e.data
   from unnest($1::text[], $2::bigint[]) as asked (room, seq)
   cross join lateral (
     select * from "RealtimeEvent" e where e.room = asked.room and e.seq > asked.seq order by e.seq limit $3
   ) e
   order by e.room, e.seq`,
)

/** Which of the rooms have gone on since a number. */
export const ROOMS_AHEAD = statement<{ room: string }>(
  'realtime.rooms_ahead',
  `select r.room from unnest($1::text[], $2::bigint[]) as asked (room, seq)
   join "RealtimeRoom" r on r.room = asked.room and r.seq > asked.seq`,
)

/** The oldest number from which a room's events are still there without a gap, less one. */
export const OLDEST_KEPT = statement<{ seq: bigint | null }>(
  'realtime.oldest_kept',
  `select min(seq) - 1 as seq from "RealtimeEvent" where room = $1`,
)

export const DELETE_OLD_EVENTS = statement(
  'realtime.delete_old_events',
  `delete from "RealtimeEvent" where ctid = any (array(
     select ctid from "RealtimeEvent" where "createdAt" < now() - interval '1 hour' order by "createdAt" limit $1))`,
)

export const DELETE_UNWANTED_ROOMS = statement(
  'realtime.delete_unwanted_rooms',
  `delete from "RealtimeRoom" where "wantedUntil" < now() - interval '1 day'`,
)
