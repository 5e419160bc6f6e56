import type { AdminConnection, Dialect } from '../kit/databases'
import { listStatements } from './statements'
import { pairs } from './users'

const page = { user_id: pairs.rare.many, completed: true, after: Number.MAX_SAFE_INTEGER, limit: 21 }

const literal = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value))

/** How a database runs the two list statements for the user of many tasks, few of them done. */
export const explain = async (dialect: Dialect, admin: AdminConnection): Promise<string> => {
  const texts: string[] = []
  for (const [index, statement] of listStatements(dialect).entries()) {
    const parameters = statement.parameters(page)
    texts.push(`\n${statement.sql}`)
    if (dialect === 'sqlite') {
      const bound = parameters.map((value) => (value === true ? 1 : (value as string | number)))
      const steps = await admin.run<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement.sql}`, ...bound)
      texts.push(...steps.map(({ detail }) => `  ${detail}`))
      continue
    }
    const name = `page_${index}`
    await admin.run(`PREPARE ${name} AS ${statement.sql}`)
    // Postgres plans a prepared statement for its parameters five times, then maybe once for all.
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      await admin.run(`SET plan_cache_mode = ${mode}`)
      const lines = await admin.run<{ 'QUERY PLAN': string }>(
        `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE ${name}(${parameters.map(literal).join(', ')})`,
      )
      texts.push(`  ${mode}:`, ...lines.map((line) => `    ${line['QUERY PLAN']}`))
    }
  }
  return texts.join('\n')
}
