import type { Client } from './client'

/**
 * Whether named prepared statements can be used across transactions. A pooler is recognized by the process id:
 * the one announced at connect is not the one that executes the query. Behind it they can be used only if it
 * tracks them, as PgBouncer does since 1.21 (Neon's pooler included), which shows in their new names.
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
