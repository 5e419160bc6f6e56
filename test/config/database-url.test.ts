import { describe, expect, it } from 'bun:test'
import { join } from 'node:path'
import { readConfig } from '../../src/config'
import { parsePostgresUrl } from '../../src/config/postgres-url'
import { root } from '../support/program'
import { valid } from './support'

const locationOf = (DATABASE_URL: string) => readConfig({ ...valid, DATABASE_URL }).database

const url = 'postgres://user:p@host/db'

describe('DATABASE_URL', () => {
  it.each([
    ['postgres://u:p@h:5433/d', { dialect: 'postgres', location: { host: 'h', port: 5433, database: 'd' } }],
    ['postgresql://u:p@h/d?sslmode=require', { dialect: 'postgres', location: { tls: { mode: 'require' } } }],
    ['PostgreSQL+asyncpg://u:p@h/d', { dialect: 'postgres', location: { user: 'u', password: 'p' } }],
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
    ['data/todo.sqlite3', { dialect: 'sqlite', path: 'data/todo.sqlite3' }],
    ['todo.db', { dialect: 'sqlite', path: 'todo.db' }],
    ["/home/o'brien/my todo.db", { dialect: 'sqlite', path: "/home/o'brien/my todo.db" }],
    [':memory:', { dialect: 'sqlite', path: ':memory:' }],
    [' ./todo.db ', { dialect: 'sqlite', path: './todo.db' }],
    ['"./todo.db"', { dialect: 'sqlite', path: './todo.db' }],
    ["sqlite:./it's.db", { dialect: 'sqlite', path: "./it's.db" }],
  ])('reads %s', (text, expected) => {
    expect(locationOf(text)).toMatchObject(expected)
  })

  it.each([
    ["postgres://user:pass'word@host/db", { password: "pass'word" }],
    ['postgres://user:"pass"@host/db', { password: '"pass"' }],
    ['postgres://user:p;,a@host/db', { password: 'p;,a' }],
    ['postgres://user:p#a@host/db', { password: 'p#a' }],
    [`${url}?options=-c%20search_path%3Da`, { parameters: { options: '-c search_path=a' } }],
  ])('keeps what belongs to %s', (text, location) => {
    expect(locationOf(text)).toMatchObject({ dialect: 'postgres', location })
  })

  it.each([
    `psql '${url}'`,
    `psql ${url}`,
    `$ psql -d "${url}" -c 'select 1'`,
    `pg_dump --dbname=${url} --schema-only`,
    `<${url}>`,
    `[Neon](${url})`,
    `sqlalchemy.url = ${url}`,
    'jdbc:postgresql://host/db?user=u&password=p4ss',
    'prisma+postgres://p4ss/',
  ])('is not searched for in %s, and the reason shows the form', (text) => {
    const location = locationOf(text)
    if (location.dialect !== 'unknown') throw new Error(`it was read as ${location.dialect}`)
    expect(location.reason).toContain(
      'write the URL alone, as in postgres://user:password@host:5432/database',
    )
    expect(location.reason).not.toContain('p4ss')
  })

  it.each([
    ['mysql://u:p4ss@h/d', 'neither Postgres nor SQLite'],
    ['user:p4ss@host/db', 'neither Postgres nor SQLite'],
    ['p4ss:word@host/db', 'neither Postgres nor SQLite'],
    ['localhost:5432/d', 'neither Postgres nor SQLite'],
    ['postgres:u:p4ss@h', 'no // after its scheme'],
    ['psql', 'neither Postgres nor SQLite'],
    ['psql -h db.example -U p4ss db', 'neither Postgres nor SQLite'],
    ['sqlite3 ./todo.db', 'neither Postgres nor SQLite'],
    ['host=localhost password=p4ss dbname=db', 'neither Postgres nor SQLite'],
    ['p4ss@host/db', 'neither Postgres nor SQLite'],
    ['host.example/db', 'neither Postgres nor SQLite'],
    ['host.example/db?sslmode=require', 'neither Postgres nor SQLite'],
    ['undefined', 'neither Postgres nor SQLite'],
    ['sqlite+pysqlcipher://:p4ss@/todo.db', 'neither Postgres nor SQLite'],
    ['sqlite+libsql://host.example?authToken=p4ss', 'neither Postgres nor SQLite'],
    ['./to"do".db', 'a quote'],
    ['sqlite:"./todo.db"', 'a quote'],
    ["sqlite:///'./todo.db'", 'a quote'],
    ['file:%22todo.db%22', 'a quote'],
    ['./todo.db\nSECRET=p4ss', 'a line break'],
    ['sqlite:~/todo.db', 'a ~'],
    ['file:./todo.db?mode=ro', 'cannot be met'],
    ['file:./todo.db?mode=memory', 'cannot be met'],
    ['file:./todo.db?immutable=1', 'cannot be met'],
    ['file:./todo.db?key=p4ss', 'cannot be met'],
    ['postgres://host/db', 'has no user'],
    ['postgres://:p4ss@host/db', 'has no user'],
  ])('cannot be %s, and the reason says so', (text, reason) => {
    const location = locationOf(text)
    if (location.dialect !== 'unknown') throw new Error(`it was read as ${location.dialect}`)
    expect(location.reason).toContain(reason)
    expect(location.reason).not.toContain('p4ss')
  })

  it.each([
    `${url}?krbsrvname=a&sslmode=require`,
    './todo.db?krbsrvname=a',
    'sqlite:///todo.db?krbsrvname=a',
  ])('with a parameter that is not supported leads to a warning: %s', (DATABASE_URL) => {
    const { warnings } = readConfig({ ...valid, DATABASE_URL })
    expect(warnings).toEqual([expect.stringContaining('"krbsrvname"')])
  })

  it.each(['README.md', '.env.example'])('works as %s shows it', async (file) => {
    const text = await Bun.file(join(root, file)).text()
    const examples = [...text.matchAll(/`?((?:postgres(?:ql)?|sqlite|file)(?:\+\w+)?:[^\s`…]+)/g)]
    expect(examples.length).toBeGreaterThan(3)
    for (const [, example = ''] of examples) {
      // An address that the text leaves out.
      if (example.endsWith('://')) continue
      const { database, warnings } = readConfig({ ...valid, DATABASE_URL: example })
      expect(database, example).not.toMatchObject({ dialect: 'unknown' })
      expect(warnings, example).toEqual([])
    }
  })

  it('of Neon, as pasted, is verified', () => {
    const neon =
      'postgresql://user:p@ep-name-pooler.region.aws.neon.tech/db?sslmode=require&channel_binding=require'
    const { location } = parsePostgresUrl(neon)
    expect(location.tls).toMatchObject({ mode: 'verify-full', rootCertificate: undefined })
  })
})
