import { createHash } from 'node:crypto'
import { statement, type Queryable } from '../../src/platform/database.ts'

/** What Prisma's drift check does not see, read from the catalogue of a migrated database as lines that a person can
 * review. Bodies of functions stand as a hash: the migration is where they are read. Partitions of a month are left
 * out, because a job makes them. */
export async function readCatalogue(db: Queryable): Promise<string> {
  const sections: string[] = []
  for (const [title, query] of SECTIONS) {
    const rows = await db.query(query)
    const lines = rows.map(({ line, body }) => (body === null ? line : `${line}\n    body sha256 ${sha256(body)}`))
    sections.push([`# ${title}`, ...(lines.length === 0 ? ['(none)'] : lines)].join('\n'))
  }
  return `${sections.join('\n\n')}\n`
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

type Line = { readonly line: string; readonly body: string | null }

const lines = (name: string, text: string) => statement<Line>(`test.catalogue_${name}`, text)

/** Months are made by create_partitions, `…_default` by a migration. */
const NOT_A_MONTH = String.raw`c.relname !~ '_\d{6}$'`

// Every text is taken from the catalogue's own printing functions and made one line. PostgreSQL 15 and 18 print these
// objects alike; where they differ (views), columns stand instead of the definition.
const SECTIONS = [
  [
    'partitioned tables',
    lines(
      'partitioned',
      `
      select c.relname || ' by ' || pg_get_partkeydef(c.oid) as line, null as body
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'p' order by c.relname`,
    ),
  ],
  [
    'partitions that are not a month',
    lines(
      'partitions',
      `
      select c.relname || ' of ' || p.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) as line, null as body
      from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and ${NOT_A_MONTH} order by c.relname`,
    ),
  ],
  [
    'check constraints',
    lines(
      'checks',
      `
      select c.relname || '.' || k.conname || ' ' || regexp_replace(pg_get_constraintdef(k.oid), '\\s+', ' ', 'g') as line,
        null as body
      from pg_constraint k join pg_class c on c.oid = k.conrelid
      where k.connamespace = 'public'::regnamespace and k.contype = 'c' and not c.relispartition
      order by c.relname, k.conname`,
    ),
  ],
  [
    'indexes that are partial, not a b-tree, on an expression, or have settings',
    lines(
      'indexes',
      `
      select regexp_replace(pg_get_indexdef(i.indexrelid), '\\s+', ' ', 'g') as line, null as body
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
        join pg_am a on a.oid = c.relam
      where c.relnamespace = 'public'::regnamespace and not t.relispartition
        and (i.indpred is not null or i.indexprs is not null or a.amname <> 'btree' or c.reloptions is not null
          or i.indnkeyatts < i.indnatts or not i.indisvalid)
      order by c.relname`,
    ),
  ],
  [
    'tables with settings of their own',
    lines(
      'settings',
      `
      select c.relname || ' (' || array_to_string(array(select unnest(c.reloptions) order by 1), ', ') || ')' as line,
        null as body
      from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.reloptions is not null
        and ${NOT_A_MONTH} order by c.relname`,
    ),
  ],
  [
    'views',
    lines(
      'views',
      `
      select c.relname || ' (' || string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
        || ')' as line, null as body
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm') group by c.relname order by c.relname`,
    ),
  ],
  [
    'functions',
    lines(
      'functions',
      `
      select p.proname || '(' || pg_get_function_arguments(p.oid) || ')' || chr(10) || '    returns '
        || coalesce(pg_get_function_result(p.oid), '-') || chr(10) || '    '
        || concat_ws(', ', l.lanname, case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
          case when p.proisstrict then 'strict' end, case when p.prosecdef then 'security definer' end,
          case p.proparallel when 's' then 'parallel safe' end, array_to_string(p.proconfig, ', ')) as line,
        p.prosrc as body
      from pg_proc p join pg_language l on l.oid = p.prolang
      where p.pronamespace = 'public'::regnamespace
        and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
      order by p.proname, pg_get_function_identity_arguments(p.oid)`,
    ),
  ],
  [
    'triggers',
    lines(
      'triggers',
      `
      select pg_get_triggerdef(t.oid) as line, null as body
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and t.tgparentid = 0
      order by c.relname, t.tgname`,
    ),
  ],
  [
    'row-level security and policies',
    lines(
      'policies',
      `
      select c.relname || coalesce(' ' || p.polname || ' ' || coalesce(pg_get_expr(p.polqual, p.polrelid), ''), '') as line,
        null as body
      from pg_class c left join pg_policy p on p.polrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and (c.relrowsecurity or p.oid is not null) order by 1`,
    ),
  ],
  [
    'extensions',
    lines('extensions', `select extname as line, null as body from pg_extension where extname <> 'plpgsql' order by 1`),
  ],
] as const
