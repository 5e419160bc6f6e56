import { Database } from 'bun:sqlite'
import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import type { Table } from 'drizzle-orm'
import * as pg from 'drizzle-orm/pg-core'
import { SchemaMismatch } from '../../src/database/errors'
import { type Migration, migrations, toMigrations } from '../../src/database/migrations'
import { migratePostgres } from '../../src/database/migrations/migrate-postgres'
import { migrateSQLite } from '../../src/database/migrations/migrate-sqlite'
import { defineModels } from '../../src/models'
import { postgres } from '../../src/models/dialects/postgres'
import { sqlite } from '../../src/models/dialects/sqlite'
import {
  atStart,
  connectTo,
  type DialectName,
  dialects,
  freshDatabase,
  rowsIn,
  tamper,
} from '../support/databases'

setDefaultTimeout(30_000)

const builders = { Postgres: postgres, SQLite: sqlite }
const existing = { Postgres: migrations.postgres, SQLite: migrations.sqlite }

type Models = Readonly<Record<string, Table>>

/** Migrates a database as a process does when it starts; returns what went wrong. */
const migrate = async (url: string, added: Migration[] = [], models: Models = {}) => {
  try {
    if (url.startsWith('sqlite:')) {
      const database = new Database(url.replace('sqlite:', ''), { create: true })
      migrateSQLite(database, { ...defineModels(sqlite), ...models }, atStart, [
        ...migrations.sqlite,
        ...added,
      ])
    } else {
      const all = { ...defineModels(postgres), ...models }
      await migratePostgres(connectTo(url), all, atStart, [...migrations.postgres, ...added])
    }
    return undefined
  } catch (error) {
    if (error instanceof SchemaMismatch) return error.message
    throw error
  }
}

const applied = async (url: string) => {
  const rows = await rowsIn(url, 'SELECT name FROM todo_backend_migrations ORDER BY name')
  return rows.map(({ name }) => name)
}

const columnsOf = (dialect: DialectName, table: string) =>
  dialect === 'SQLite'
    ? `SELECT name FROM pragma_table_info('${table}')`
    : `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0`

const addScratch = toMigrations({ '9999_scratch': 'ALTER TABLE "tasks" ADD COLUMN "scratch" integer' })

describe.each(dialects)('migrations on %s', (dialect) => {
  const names = existing[dialect].map(({ name }) => name)
  const c = builders[dialect]

  it('are rolled back if a table still differs from its model after them', async () => {
    const url = await freshDatabase(dialect)
    expect(await migrate(url)).toBeUndefined()
    await tamper(url, 'ALTER TABLE tasks RENAME COLUMN title TO name')
    expect(await migrate(url, addScratch)).toBe(
      'table tasks, column title: expected text not null, found no such column',
    )
    expect(await applied(url)).toEqual(names)
    expect(await rowsIn(url, columnsOf(dialect, 'tasks'))).not.toContainEqual({ name: 'scratch' })
    await tamper(url, 'ALTER TABLE tasks RENAME COLUMN name TO title')
    expect(await migrate(url, addScratch)).toBeUndefined()
    expect(await applied(url)).toEqual([...names, '9999_scratch'])
  })

  describe('that create a table which is already there', () => {
    const id = dialect === 'SQLite' ? 'integer PRIMARY KEY' : 'bigserial PRIMARY KEY'
    const notes = c.table('notes', { id: c.id(), title: c.text().notNull(), color: c.text() })
    const addNotes = toMigrations({
      '9998_notes': `CREATE TABLE IF NOT EXISTS "notes" ("id" ${id}, "title" text NOT NULL);
        --> statement-breakpoint
        CREATE INDEX "notes_title_idx" ON "notes" ("title")`,
      '9999_color': 'ALTER TABLE "notes" ADD COLUMN "color" text',
    })

    it('change it afterwards if it is their own', async () => {
      const url = await freshDatabase(dialect)
      const before = c.table('notes', { id: c.id(), title: c.text().notNull() })
      expect(await migrate(url, addNotes.slice(0, 1), { notes: before })).toBeUndefined()
      expect(await migrate(url, addNotes, { notes })).toBeUndefined()
      expect(await applied(url)).toEqual([...names, '9998_notes', '9999_color'])
    })

    it('compare it with its model first', async () => {
      const url = await freshDatabase(dialect)
      expect(await migrate(url)).toBeUndefined()
      await tamper(url, `CREATE TABLE notes (id ${id})`)
      expect(await migrate(url, addNotes, { notes })).toBe(
        'table notes, column title: expected text not null, found no such column',
      )
      expect(await applied(url)).toEqual(names)
      await tamper(url, 'DROP TABLE notes')
      expect(await migrate(url, addNotes, { notes })).toBeUndefined()
    })

    it('add the columns that came later to it', async () => {
      const url = await freshDatabase(dialect)
      await tamper(url, `CREATE TABLE notes (id ${id}, title text NOT NULL)`)
      await tamper(url, `INSERT INTO notes (title) VALUES ('Kept')`)
      expect(await migrate(url, addNotes, { notes })).toBeUndefined()
      expect(await rowsIn(url, 'SELECT title, color FROM notes')).toEqual([{ title: 'Kept', color: null }])
      expect(await applied(url)).toEqual([...names, '9998_notes', '9999_color'])
    })
  })
})

it('a table of Postgres is equal to its model, whichever types its columns have', async () => {
  const url = await freshDatabase('Postgres')
  const samples = pg.pgTable('samples', {
    id: pg.bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
    short: pg.varchar({ length: 20 }).notNull().default('x'),
    long: pg.varchar(),
    amount: pg.numeric({ precision: 10, scale: 2 }),
    count: pg.integer().notNull().default(0),
    ratio: pg.doublePrecision(),
    day: pg.date(),
    data: pg.jsonb(),
    key: pg.uuid(),
    at: pg.timestamp({ precision: 3, withTimezone: true }).notNull().defaultNow(),
    tags: pg.text().array(),
  })
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson({ samples }))
  for (let start = 0; start < 2; start++)
    expect(await migrate(url, [{ name: '9999_samples', statements }], { samples })).toBeUndefined()
})
