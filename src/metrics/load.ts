import type { Database } from '../database'

/** Loads the metrics library only if metrics are enabled, since it would slow down every start. */
export const loadMetrics = async (database: Database) => {
  const { createMetrics } = await import('.')
  return createMetrics(database)
}
