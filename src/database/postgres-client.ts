import postgres, { type Sql } from 'postgres'

/** libpq's parameters that postgres.js knows or that the server should see; poolers refuse others. */
const passedOn = new Set(['ssl', 'sslmode', 'sslrootcert', 'options', 'target_session_attrs'])

const withoutForeignParameters = (text: string) => {
  const [base, search = ''] = text.split('?', 2)
  const kept = [...new URLSearchParams(search)].filter(([name]) => passedOn.has(name))
  return kept.length > 0 ? `${base}?${new URLSearchParams(kept)}` : `${base}`
}

/**
 * A lazy client of postgres.js, with one connection, for a URL as Neon's console or libpq gives it.
 * Throws TypeError or URIError where the URL cannot be read.
 */
export const createClient = (url: string, options: { connect_timeout?: number } = {}): Sql =>
  postgres(withoutForeignParameters(url), {
    max: 1,
    connect_timeout: 2.5,
    ...options,
    // Its failure would be an unhandled rejection, and no array type is used here.
    fetch_types: false,
    // A new attempt starts at once; who may attempt, and how often, is the supervisor's to say.
    backoff: () => 0,
    idle_timeout: 60,
    keep_alive: 30,
    onnotice: () => {},
    // Both are tracked by PgBouncer, so they hold behind a transaction-mode pooler too.
    connection: { application_name: 'todo-backend', TimeZone: 'UTC', DateStyle: 'ISO' },
    types: {
      int8: { to: 20, from: [20], parse: Number, serialize: String },
      timestamptz: { to: 1184, from: [1184], parse: toIsoTime, serialize: String },
    },
  })

/**
 * `2026-02-14 09:30:00.5+00`, as Postgres writes it, to `2026-02-14T09:30:00.500Z`. What has no such
 * form (`infinity`, and years before Christ) stays as it is.
 */
export const toIsoTime = (text: string) => {
  if (text.length === 26 && text.endsWith('+00')) return `${text.slice(0, 10)}T${text.slice(11, 23)}Z`
  const isPlain = text.length >= 22 && text.length <= 26 && text.charCodeAt(10) === 32 && text.endsWith('+00')
  if (isPlain) return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z`
  const time = new Date(text.replace(/([+-]\d\d)$/, '$1:00'))
  return Number.isNaN(time.getTime()) ? text : time.toISOString()
}

/**
 * Whether named prepared statements hold from one transaction to the next. Behind a pooler (the
 * process id announced is not the one that serves) they do only if the pooler keeps track of them,
 * and then they bear names of its own: PgBouncer since 1.21, and so Neon's, but not before.
 */
export const keepsPreparedStatements = async (client: Sql): Promise<boolean> => {
  const found = await client.unsafe<{ pid: number; names: string | null }[]>(
    `SELECT pg_backend_pid() AS pid, string_agg(name, ',') AS names FROM pg_prepared_statements`,
    [],
    { prepare: true, simple: false } as never,
  )
  const [{ pid, names }] = found as unknown as [{ pid: number; names: string | null }]
  if (pid === found.state.pid) return true
  return names !== null && !names.split(',').includes(found.statement.name)
}
