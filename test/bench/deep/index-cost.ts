import postgres from 'postgres'
import { median, whole } from '../kit/numbers'

const rounds = 3
const insertMs = 2000
const connections = 10
const inFlight = 32
const bulkRows = 50_000

/** The indexes beside those of the specification; `id + 0` is the key of pages, which the titles call id. */
const extra = { byId: '(user_id, ((id + 0)))', byCompletedAndId: '(user_id, completed, ((id + 0)))' }

/** Copies of the tasks, each without some of the extra indexes. */
const variants: { table: string; title: string; without: string[] }[] = [
  { table: 'cost_none', title: "the specification's indexes", without: [extra.byId, extra.byCompletedAndId] },
  { table: 'cost_by_id', title: 'and (user_id, id)', without: [extra.byCompletedAndId] },
  { table: 'cost_by_completed', title: 'and (user_id, completed, id)', without: [extra.byId] },
  { table: 'cost_both', title: 'and both, as the service has it', without: [] },
]

const columns = '(user_id, title, description, completed)'

/** What each extra index costs an insert: alone, as users add tasks, and in bulk, without the way. */
export const measureIndexCost = async (url: string): Promise<string[][]> => {
  const sql = postgres(url, { max: connections, onnotice: () => {} })
  for (const { table, without } of variants) {
    await sql.unsafe(`CREATE TABLE ${table} (LIKE tasks INCLUDING ALL)`)
    const indexes = await sql<{ indexname: string; indexdef: string }[]>`
      SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ${table}`
    const dropped = indexes.filter(({ indexdef }) => without.some((on) => indexdef.endsWith(on)))
    if (dropped.length !== without.length) throw new Error(`${table} lacks an index that it is to go without`)
    for (const { indexname } of dropped) await sql.unsafe(`DROP INDEX "${indexname}"`)
    await sql.unsafe(`INSERT INTO ${table} OVERRIDING USER VALUE SELECT * FROM tasks LIMIT 200000`)
    await sql.unsafe(`VACUUM ANALYZE ${table}`)
  }

  const insertAlone = async (table: string) => {
    const statement = `INSERT INTO ${table} ${columns} VALUES ($1, $2, $3, $4) RETURNING *`
    const task = ['many-half', 'Buy milk', 'Two litres, and a loaf of bread', false]
    const end = performance.now() + insertMs
    let inserted = 0
    const work = async () => {
      for (; performance.now() < end; inserted++) await sql.unsafe(statement, task, { prepare: true })
    }
    await Promise.all(Array.from({ length: inFlight }, work))
    return (inserted / insertMs) * 1000
  }
  const insertBulk = async (table: string) => {
    const start = performance.now()
    await sql.unsafe(
      `INSERT INTO ${table} ${columns} SELECT user_id, title, description, completed FROM tasks LIMIT ${bulkRows}`,
    )
    return ((performance.now() - start) * 1000) / bulkRows
  }

  const measured = variants.map((variant) => ({ ...variant, rates: [] as number[], bulk: [] as number[] }))
  for (let round = 0; round < rounds; round++)
    for (const { table, rates, bulk } of measured) {
      rates.push(await insertAlone(table))
      bulk.push(await insertBulk(table))
    }
  await sql.end({ timeout: 1 })
  return measured.map(({ title, rates, bulk }) => [title, whole(median(rates)), median(bulk).toFixed(1)])
}
