import type { AdminConnection, Dialect } from '../kit/databases'

/** A user of many tasks and one of few, half of them done; and two more, few of whose tasks are done. */
export const pairs = {
  half: { many: 'many-half', few: 'few-half' },
  rare: { many: 'many-rare', few: 'few-rare' },
}

const period = 1001
const rowsOfPair = 1000 * period

/**
 * The rows of a pair are interleaved: of every 1,001 one is of the user of few. The second pair's
 * come after all of the first's, so that a plan that scans the table from its newest row is seen to be slow.
 */
const seed = `
  INSERT INTO tasks (user_id, title, description, completed)
  WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${2 * rowsOfPair - 1})
  SELECT
    CASE
      WHEN i < ${rowsOfPair} AND i % ${period} > 0 THEN '${pairs.half.many}'
      WHEN i < ${rowsOfPair} THEN '${pairs.half.few}'
      WHEN i % ${period} > 0 THEN '${pairs.rare.many}'
      ELSE '${pairs.rare.few}'
    END,
    'Task ' || i,
    'What there is to say about task ' || i,
    CASE
      WHEN i < ${rowsOfPair} THEN i % 2 = 0
      WHEN i % ${period} > 0 THEN i % 1000 = 7
      ELSE i / ${period} % 10 = 0
    END
  FROM n`

/** Inserts the tasks of all four users. Postgres would VACUUM and ANALYZE by itself about a minute later. */
export const seedTasks = async (admin: AdminConnection, dialect: Dialect) => {
  await admin.run(seed)
  if (dialect === 'postgres') await admin.run('VACUUM ANALYZE tasks')
}
