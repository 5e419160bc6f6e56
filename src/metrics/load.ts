import type { Database } from '../database'

/** Loads the metrics library and creates the metrics. It is not imported, since most starts do without it. */
export const loadMetrics = async (database: Database) => {
  const { createMetrics } = await import('.')
  return createMetrics(database)
}
