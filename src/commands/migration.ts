import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import {
  generateDrizzleJson,
  generateMigration,
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
} from 'drizzle-kit/api'
import { defineModels } from '../models'
import { postgres } from '../models/dialects/postgres'
import { sqlite } from '../models/dialects/sqlite'
import { preserveRows, toText, unusableColumn } from './migration-sql'

// Writes the SQL that leads from the last migration to the current models, for both databases.

const folder = `${import.meta.dir}/../database/migrations`
const dialects = ['postgres', 'sqlite'] as const
type Dialect = (typeof dialects)[number]

const filesIn = (dialect: Dialect) =>
  readdirSync(`${folder}/${dialect}`)
    .filter((file) => file.endsWith('.sql'))
    .sort()

const snapshotOf = (dialect: Dialect, number: string) => `${folder}/${dialect}/meta/${number}_snapshot.json`

const numberOf = (file: string) => file.split('_', 1)[0] ?? ''

const fail = (message: string): never => {
  console.error(message)
  process.exit(1)
}

/** The statements to the models of one dialect, with the snapshot that the next migration starts from. */
const difference = async (dialect: Dialect) => {
  const number = numberOf(filesIn(dialect).at(-1) ?? '0000')
  const last = JSON.parse(readFileSync(snapshotOf(dialect, number), 'utf8'))
  if (dialect === 'postgres') {
    const snapshot = generateDrizzleJson(defineModels(postgres), last.id)
    return { dialect, last, snapshot, statements: await generateMigration(last, snapshot) }
  }
  const snapshot = await generateSQLiteDrizzleJson(defineModels(sqlite), last.id)
  const unusable = unusableColumn(last, snapshot)
  if (unusable)
    fail(
      `The new column ${unusable} must allow null or have a constant as its default: it is added to rows that exist.`,
    )
  const statements = await generateSQLiteMigration(last, snapshot)
  return { dialect, last, snapshot, statements: preserveRows(statements, last, snapshot) }
}

/** Writes the module that holds the texts of all migrations. */
const writeIndex = () => {
  const imports = dialects.flatMap((dialect) =>
    filesIn(dialect).map(
      (file) => `import ${dialect}${numberOf(file)} from './${dialect}/${file}' with { type: 'text' }`,
    ),
  )
  const lists = dialects.map((dialect) => {
    const entries = filesIn(dialect).map(
      (file) => `    '${file.replace(/\.sql$/, '')}': ${dialect}${numberOf(file)},`,
    )
    return `  ${dialect}: {\n${entries.join('\n')}\n  },`
  })
  writeFileSync(
    `${folder}/files.ts`,
    `// Written by \`bun run migration\`.\n${imports.join('\n')}\n\n/** The texts of all migrations, oldest first. */\nexport const files = {\n${lists.join('\n')}\n}\n`,
  )
}

const [name] = process.argv.slice(2)
if (!name || !/^\w+$/.test(name))
  fail('Name the migration with letters, digits and _, for example: bun run migration add_priority')

/** Generates both before anything is written, one after the other, since drizzle-kit may ask questions. */
const differencesOfAll = async () => {
  const differences: Awaited<ReturnType<typeof difference>>[] = []
  for (const dialect of dialects) differences.push(await difference(dialect))
  return differences
}

const differences = await differencesOfAll().catch((error) =>
  fail(`No migration was written: ${error instanceof Error ? error.message : error}`),
)
const changed = differences.filter(({ statements }) => statements.length > 0)
for (const { dialect, last, snapshot, statements } of changed) {
  const number = String(Number(numberOf(filesIn(dialect).at(-1) ?? '-1')) + 1).padStart(4, '0')
  const file = `${folder}/${dialect}/${number}_${name}.sql`
  writeFileSync(file, toText(statements, last))
  writeFileSync(snapshotOf(dialect, number), `${JSON.stringify(snapshot, null, 2)}\n`)
  console.log(`Created src/database/migrations/${dialect}/${number}_${name}.sql`)
}
writeIndex()
if (changed.length === 0)
  fail('The models have not changed since the last migration. A new model has to be in src/models/index.ts.')
