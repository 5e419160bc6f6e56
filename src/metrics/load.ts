import type { Database } from '../database'

/** Loads what counts only where something is counted: it would slow down every start. */
export const loadMetrics = async (database: Database) => {
  const { createMetrics } = await import('.')
  return createMetrics(database)
}
