import { describe, expect, it } from 'bun:test'
import { readConfig } from '../../src/config'
import { valid } from './support'

const locationOf = (DATABASE_URL: string) => readConfig({ ...valid, DATABASE_URL }).database

const url = 'postgres://user:p@host/db'

describe('DATABASE_URL', () => {
  it.each([
    ['postgres://u:p@h:5432/d', { dialect: 'postgres', url: 'postgres://u:p@h:5432/d' }],
    [
      'postgresql://u:p@h/d?sslmode=require',
      { dialect: 'postgres', url: 'postgres://u:p@h/d?sslmode=require' },
    ],
    ['PostgreSQL+asyncpg://u:p@h/d', { dialect: 'postgres', url: 'postgres://u:p@h/d' }],
    ['sqlite:todo.db', { dialect: 'sqlite', path: 'todo.db' }],
    ['sqlite:/var/todo.db', { dialect: 'sqlite', path: '/var/todo.db' }],
    ['sqlite:///./todo.db', { dialect: 'sqlite', path: './todo.db' }],
    ['sqlite:////var/todo.db', { dialect: 'sqlite', path: '/var/todo.db' }],
    ['sqlite+aiosqlite:///./todo.db', { dialect: 'sqlite', path: './todo.db' }],
    ['sqlite::memory:', { dialect: 'sqlite', path: ':memory:' }],
    ['sqlite:///:memory:', { dialect: 'sqlite', path: ':memory:' }],
    ['sqlite://', { dialect: 'sqlite', path: ':memory:' }],
    ['file:./todo.db?mode=rwc', { dialect: 'sqlite', path: './todo.db' }],
    ['file:///var/to%20do.db', { dialect: 'sqlite', path: '/var/to do.db' }],
    ['file:./100%.db', { dialect: 'sqlite', path: './100%.db' }],
    ['./data/todo.db', { dialect: 'sqlite', path: './data/todo.db' }],
    ['../todo', { dialect: 'sqlite', path: '../todo' }],
    ['data/todo', { dialect: 'sqlite', path: 'data/todo' }],
    ['todo.db', { dialect: 'sqlite', path: 'todo.db' }],
    ["/home/o'brien/my todo.db", { dialect: 'sqlite', path: "/home/o'brien/my todo.db" }],
    [':memory:', { dialect: 'sqlite', path: ':memory:' }],
    [' ./todo.db ', { dialect: 'sqlite', path: './todo.db' }],
    ['"./todo.db"', { dialect: 'sqlite', path: './todo.db' }],
    ['sqlite:"./todo.db"', { dialect: 'sqlite', path: './todo.db' }],
    ["sqlite:///'./todo.db'", { dialect: 'sqlite', path: './todo.db' }],
  ])('reads %s', (text, expected) => {
    expect(locationOf(text)).toMatchObject(expected)
  })

  it.each([
    `psql '${url}'`,
    `psql "${url}"`,
    `psql ${url}`,
    `psql '${url}`,
    `$ psql -d "${url}" -c 'select 1'`,
    `pg_dump --dbname=${url} --schema-only`,
    `PGOPTIONS= psql "${url}"`,
    `<${url}>`,
    `[Neon](${url})`,
    `sqlalchemy.url = ${url}`,
    `DATABASE_URL=${url}\nDATABASE_URL_UNPOOLED=postgres://user:p@other/db`,
    `${url}\nDATABASE_URL_UNPOOLED=postgres://user:p@other/db`,
    `# for most uses\nDATABASE_URL="${url}"\n# for migrations\nDIRECT_URL="postgres://user:p@other/db"`,
  ])('finds the URL in %s', (text) => {
    expect(locationOf(text)).toMatchObject({ dialect: 'postgres', url })
  })

  it.each([
    "postgres://user:pass'word@host/db",
    'postgres://user:"pass"@host/db',
    'postgres://user:p;,a@host/db',
    'postgres://user:p#a@host/db',
    'postgres://user:p@host/db?options=-c%20search_path%3Da',
  ])('keeps what belongs to %s', (text) => {
    for (const pasted of [text, `"${text}"`, `psql "${text}" -c "select 1"`])
      expect(locationOf(pasted)).toMatchObject({ dialect: 'postgres', url: text })
  })

  it('may be as JDBC writes it', () => {
    expect(locationOf('jdbc:postgresql://host/db?user=u&password=p')).toMatchObject({
      dialect: 'postgres',
      url: 'postgres://host/db?user=u&password=p',
    })
  })

  it.each([
    ['mysql://u:p4ss@h/d', 'neither Postgres nor SQLite: mysql'],
    ['prisma+postgres://p4ss/', 'neither Postgres nor SQLite: prisma'],
    ['user:p4ss@host/db', 'neither Postgres nor SQLite'],
    ['p4ss:word@host/db', 'neither Postgres nor SQLite'],
    ['localhost:5432/d', 'neither Postgres nor SQLite'],
    ['postgres:u:p4ss@h', 'no // after its scheme'],
    ['psql', 'a command without a URL'],
    ['psql -h localhost -U p4ss db', 'a command without a URL'],
    ['sqlite3 ./todo.db', 'a command without a URL'],
    ['host=localhost password=p4ss dbname=db', 'a list of keywords'],
    ['p4ss@host/db', 'neither a URL nor the path'],
    ['host.example/db?sslmode=require', 'neither a URL nor the path'],
    ['undefined', 'neither a URL nor the path'],
    ['./to"do".db', 'a quote in its name'],
    ["sqlite:./it's.db", 'a quote in its name'],
    ['file:%22todo.db%22', 'a quote in its name'],
  ])('cannot be %s, and the reason says so', (text, reason) => {
    const location = locationOf(text)
    if (location.dialect !== 'unknown') throw new Error(`it was read as ${location.dialect}`)
    expect(location.reason).toContain(reason)
    expect(location.reason).not.toContain('p4ss')
  })

  it('with a parameter that is not supported leads to a warning', () => {
    const { warnings } = readConfig({ ...valid, DATABASE_URL: `${url}?krbsrvname=a&sslmode=require` })
    expect(warnings).toEqual([expect.stringContaining('"krbsrvname"')])
  })

  it('that cannot be read leaves its reason to the log of the database', () => {
    const { warnings, database } = readConfig({ ...valid, DATABASE_URL: 'postgres://u:p@h:port/d' })
    expect(warnings).toEqual([])
    expect(database.dialect).toBe('postgres')
  })
})
