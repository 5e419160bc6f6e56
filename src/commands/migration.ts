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

/** Writes the SQL from the last migration to the models as they are now, for both databases. */
const folder = `${import.meta.dir}/../database/migrations`
const dialects = ['postgres', 'sqlite'] as const
type Dialect = (typeof dialects)[number]

const breakpoint = '--> statement-breakpoint'

const filesIn = (dialect: Dialect) =>
  readdirSync(`${folder}/${dialect}`)
    .filter((file) => file.endsWith('.sql'))
    .sort()

const snapshotOf = (dialect: Dialect, number: string) => `${folder}/${dialect}/meta/${number}_snapshot.json`

const numberOf = (file: string) => file.split('_', 1)[0] ?? ''

/** The statements to the models of one dialect, with the snapshot that the next migration starts from. */
const difference = async (dialect: Dialect) => {
  const last = JSON.parse(
    readFileSync(snapshotOf(dialect, numberOf(filesIn(dialect).at(-1) ?? '0000')), 'utf8'),
  )
  if (dialect === 'postgres') {
    const snapshot = generateDrizzleJson(defineModels(postgres), last.id)
    return { snapshot, statements: await generateMigration(last, snapshot) }
  }
  const snapshot = await generateSQLiteDrizzleJson(defineModels(sqlite), last.id)
  return { snapshot, statements: await generateSQLiteMigration(last, snapshot) }
}

/** A table that is missing is created again next to others that are not. */
const repeatable = (statement: string) =>
  statement
    .replace(/^CREATE TABLE (?!IF NOT EXISTS)/, 'CREATE TABLE IF NOT EXISTS ')
    .replace(/^CREATE (UNIQUE )?INDEX (?!IF NOT EXISTS)/, 'CREATE $1INDEX IF NOT EXISTS ')

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
if (!name || !/^\w+$/.test(name)) {
  console.error('Name the migration with letters, digits and _, for example: bun run migration add_priority')
  process.exit(1)
}
let count = 0
for (const dialect of dialects) {
  const { snapshot, statements } = await difference(dialect)
  if (statements.length === 0) continue
  const number = String(filesIn(dialect).length).padStart(4, '0')
  const file = `${folder}/${dialect}/${number}_${name}.sql`
  writeFileSync(file, `${statements.map(repeatable).join(`\n${breakpoint}\n`)}\n`)
  writeFileSync(snapshotOf(dialect, number), `${JSON.stringify(snapshot, null, 2)}\n`)
  console.log(`Created src/database/migrations/${dialect}/${number}_${name}.sql`)
  count++
}
writeIndex()
if (count === 0) {
  console.error(
    'The models have not changed since the last migration. A new model has to be in src/models/index.ts.',
  )
  process.exit(1)
}
