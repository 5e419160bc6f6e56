import type { Client } from './client'

/**
 * Whether named prepared statements hold from one transaction to the next. Behind a pooler (the
 * process id announced is not the one that serves) they do only if the pooler keeps track of them,
 * and then they bear names of its own: PgBouncer since 1.21, and so Neon's, but not before.
 */
export const keepsPreparedStatements = async ({ sql }: Client): Promise<boolean> => {
  const found = await sql.unsafe<{ pid: number; names: string | null }[]>(
    `SELECT pg_backend_pid() AS pid, string_agg(name, ',') AS names FROM pg_prepared_statements`,
    [],
    { prepare: true, simple: false } as never,
  )
  const [{ pid, names }] = found as unknown as [{ pid: number; names: string | null }]
  if (pid === found.state.pid) return true
  return names !== null && !names.split(',').includes(found.statement.name)
}
