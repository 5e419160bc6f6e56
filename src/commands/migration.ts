import { $ } from 'bun'

/** Writes the SQL from the last migration to the models as they are now, for both databases. */
const [name] = process.argv.slice(2)
if (!name || !/^\w+$/.test(name)) {
  console.error('Give the migration a name of letters, digits and _: bun run migration add_priority')
  process.exit(1)
}

const folder = 'src/database/migrations'
const dialects = { postgres: 'postgresql', sqlite: 'sqlite' }
for (const [dialect, kit] of Object.entries(dialects))
  await $`bunx --bun drizzle-kit generate --dialect ${kit} --schema ${folder}/schema.${dialect}.ts --out ${folder}/${dialect} --name ${name}`

console.log(`Now list the new files in ${folder}/index.ts, with the tables that they change.`)
