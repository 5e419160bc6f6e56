import { Database } from 'bun:sqlite'
import { beforeEach, describe, expect, it } from 'bun:test'
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api'
import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { preserveRows, toText, unusableColumn } from '../../src/commands/migration-sql'
import { type Migration, toMigrations } from '../../src/database/migrations'
import { migrateSQLite } from '../../src/database/migrations/migrate-sqlite'
import { sqlite as c } from '../../src/models/dialects/sqlite'
import { atStart } from '../support/databases'

/** Tables of the test's own, so that no change to the models can break it: books have chapters. */
const title = c.text().notNull()
const books = c.table('books', { id: c.id(), title, subtitle: c.text() }, (t) => [
  c.index('books_title_idx').on(t.title),
])
const chapters = c.table('chapters', {
  id: c.id(),
  book_id: c
    .reference()
    .notNull()
    .references(() => books.id, { onDelete: 'cascade' }),
})
const tables = { books, chapters }

const snapshotOf = (models: Record<string, unknown>) => generateSQLiteDrizzleJson(models)

/** The text of a step as `bun run migration` writes it. */
const textBetween = async (before: Record<string, unknown>, after: Record<string, unknown>) => {
  const [from, to] = [await snapshotOf(before), await snapshotOf(after)]
  return toText(preserveRows(await generateSQLiteMigration(from, to), from, to), from)
}

let first: string
let database: Database
beforeEach(async () => {
  first = await textBetween({}, tables)
  database = new Database(':memory:', { strict: true })
  database.run('PRAGMA foreign_keys = ON')
  migrate(toMigrations({ '0000_first': first }), tables)
})

const migrate = (steps: Migration[], models: Record<string, PgTable>) =>
  migrateSQLite(database, models, atStart, steps)

/** Applies another step; returns both. */
const changeBooks = async (changed: PgTable) => {
  const second = await textBetween(tables, { books: changed, chapters })
  const steps = toMigrations({ '0000_first': first, '0001_second': second })
  migrate(steps, { books: changed, chapters })
  return steps
}

const all = (statement: string) => database.query<Record<string, unknown>, []>(statement).all()

describe('a column with a rule, for which SQLite replaces the table', () => {
  const columns = { id: c.id(), title, subtitle: c.text(), mood: c.text().notNull().default('calm') }
  const changed = c.table('books', columns, (t) => [
    c.index('books_title_idx').on(t.title),
    c.check('books_mood_check', sql`${t.mood} in ('calm', 'excited')`),
  ])

  it('keeps the rows, what refers to them, and the ids that were in use', async () => {
    database.run(`INSERT INTO books (id, title) VALUES (1, 'Emma'), (7, 'Persuasion')`)
    database.run('INSERT INTO chapters (book_id) VALUES (1)')
    database.run('DELETE FROM books WHERE id = 7')
    await changeBooks(changed)
    expect(all('SELECT * FROM books')).toEqual([{ id: 1, title: 'Emma', subtitle: null, mood: 'calm' }])
    expect(all('SELECT * FROM chapters')).toEqual([{ id: 1, book_id: 1 }])
    expect(all(`INSERT INTO books (title) VALUES ('Sanditon') RETURNING id`)).toEqual([{ id: 8 }])
    expect(() => database.run(`UPDATE books SET mood = 'none'`)).toThrow('books_mood_check')
    database.run('DELETE FROM books WHERE id = 1')
    expect(all('SELECT * FROM chapters')).toEqual([])
  })

  it('is added again to a table that is missing', async () => {
    const steps = await changeBooks(changed)
    database.run('DROP TABLE books')
    migrate(steps, { books: changed, chapters })
    database.run(`INSERT INTO books (title) VALUES ('Emma')`)
    expect(all('SELECT mood FROM books')).toEqual([{ mood: 'calm' }])
  })
})

describe('a column that is removed', () => {
  it('leaves the rest of its rows, though SQLite replaces the table', async () => {
    database.run(`INSERT INTO books (title, subtitle) VALUES ('Emma', 'A novel')`)
    await changeBooks(
      c.table('books', { id: c.id(), title }, (t) => [c.check('books_title_check', sql`${t.title} <> ''`)]),
    )
    expect(all('SELECT * FROM books')).toEqual([{ id: 1, title: 'Emma' }])
  })
})

describe('a missing table that others refer to', () => {
  it('is recreated, and the rows of those stay, though SQLite once replaced one of their tables', async () => {
    const marked = c.table(
      'chapters',
      {
        id: c.id(),
        book_id: c
          .reference()
          .notNull()
          .references(() => books.id, { onDelete: 'cascade' }),
      },
      (t) => [c.check('chapters_id_check', sql`${t.id} > 0`)],
    )
    const renewed = { books, chapters: marked }
    const texts = { '0000_first': first, '0001_second': await textBetween(tables, renewed) }
    migrate(toMigrations(texts), renewed)
    database.run(`INSERT INTO books (title) VALUES ('Emma')`)
    database.run('INSERT INTO chapters (book_id) VALUES (1)')
    database.run('PRAGMA foreign_keys = OFF')
    database.run('DROP TABLE books')
    migrate(toMigrations(texts), renewed)
    expect([all('SELECT * FROM books'), all('SELECT id FROM chapters')]).toEqual([[], [{ id: 1 }]])
    migrate(toMigrations({ ...texts, '0002_third': await textBetween(renewed, tables) }), tables)
    expect(all('SELECT id FROM chapters')).toEqual([{ id: 1 }])
    expect(() => database.run('INSERT INTO chapters (id, book_id) VALUES (-1, 1)')).toThrow('FOREIGN KEY')
  })
})

describe('a table that a later step renames', () => {
  it('is recreated if a comment of the statement that creates it has its new name', () => {
    const parts = c.table('parts', { id: c.id(), book_id: c.reference().notNull() })
    const steps = toMigrations({
      '0000_first': first.replace('CREATE TABLE IF NOT EXISTS `chapters`', '-- Later `parts`.\n$&'),
      '0001_second': 'ALTER TABLE `chapters` RENAME TO `parts`',
    })
    migrate(steps, { books, parts })
    database.run('DROP TABLE parts')
    migrate(steps, { books, parts })
    expect(all('SELECT * FROM parts')).toEqual([])
  })
})

describe('an index that is dropped', () => {
  const withoutIndex = c.table('books', { id: c.id(), title, subtitle: c.text() })
  const indexes = () => all(`SELECT name FROM sqlite_schema WHERE name = 'books_title_idx'`)

  it('does not prevent that a missing table is created again', async () => {
    const steps = await changeBooks(withoutIndex)
    database.run('DROP TABLE chapters')
    migrate(steps, { books: withoutIndex, chapters })
    expect(all('SELECT * FROM chapters')).toEqual([])
  })

  it('does not come back with its table', async () => {
    expect(indexes()).toHaveLength(1)
    const steps = await changeBooks(withoutIndex)
    database.run('DROP TABLE books')
    migrate(steps, { books: withoutIndex, chapters })
    expect([all('SELECT * FROM books'), indexes()]).toEqual([[], []])
  })
})

describe('a new column', () => {
  const unusableWith = async (mood: never) => {
    const changed = c.table('books', { id: c.id(), title, subtitle: c.text(), mood })
    return unusableColumn(await snapshotOf(tables), await snapshotOf({ books: changed, chapters }))
  }

  it.each([
    ['has a default', c.text().notNull().default('calm')],
    ['allows null', c.timestamp()],
  ])('that %s can be added to rows', async (_, mood) => {
    expect(await unusableWith(mood as never)).toBeUndefined()
  })

  it.each([
    ['has no default', c.text().notNull()],
    ['has an expression as its default', c.timestamp().default(c.now)],
  ])('that %s cannot be added to rows, and is named', async (_, mood) => {
    expect(await unusableWith(mood as never)).toBe('books.mood')
  })
})
