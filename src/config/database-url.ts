import { unescape as decodePercents } from 'node:querystring'
import { warnAbout } from './postgres-parameters'
import { type PostgresLocation, PostgresUrlError, parsePostgresUrl } from './postgres-url'

export type DatabaseLocation =
  | { dialect: 'postgres'; location: PostgresLocation }
  | { dialect: 'sqlite'; path: string }
  /**
   * Not usable. The service starts, and /health reports that the database is unavailable. The reason
   * continues a sentence that starts with the name of the variable, and holds no part of the credentials.
   */
  | { dialect: 'unknown'; reason: string }

interface Reading {
  location: DatabaseLocation
  warnings: string[]
}

const unknown = (reason: string): Reading => ({ location: { dialect: 'unknown', reason }, warnings: [] })

const postgresExample = 'postgres://user:password@host:5432/database'
const sqliteExample = 'sqlite:./data/todo.db'

/** Parameters without which another file, or a file in another state, would be used. */
const demanding = /^(mode|immutable|vfs)$|auth|cipher|encrypt|^(hex|text)?key$/i

/** Reads a path with parameters after it. */
const readSQLite = (text: string, decode = (path: string) => path): Reading => {
  const [encoded = '', query = ''] = text.split(/\?(.*)/s)
  const path = decode(encoded)
  // Pasted quotes must not become part of the file's name, nor ~ that of a folder.
  if (/["`“”„«»\r\n]|^['‘’~]|['‘’]$/.test(path))
    return unknown(`has a quote, a ~ or a line break in its path: write it as in ${sqliteExample}`)
  const parameters = new URLSearchParams(query)
  if (/^rwc?$/.test(parameters.get('mode') ?? '')) parameters.delete('mode')
  const names = [...parameters.keys()]
  if (names.some((name) => demanding.test(name)))
    return unknown(`has a parameter that cannot be met: remove it, as in ${sqliteExample}`)
  return { location: { dialect: 'sqlite', path: path || ':memory:' }, warnings: warnAbout(names) }
}

const readPostgres = (rest: string): Reading => {
  if (!rest.startsWith('//')) return unknown(`has no // after its scheme: write it as ${postgresExample}`)
  try {
    const { location, warnings } = parsePostgresUrl(`postgres:${rest}`)
    return { location: { dialect: 'postgres', location }, warnings }
  } catch (error) {
    if (error instanceof PostgresUrlError) return unknown(error.message)
    throw error
  }
}

/** Whether a text without a scheme is nothing but a path: `host.example/db` may be meant as a server. */
const isPath = (text: string) => /^\.{0,2}[/\\]|^[^\s:=@?<>]+\.(db|sqlite3?)$/i.test(text)

/**
 * Reads a DATABASE_URL: Postgres, SQLite as `sqlite:PATH`, `sqlite:///PATH` or `file:PATH`, a bare
 * path, or `:memory:`. SQLAlchemy's `+driver` is dropped, so the URL of the earlier backend works.
 */
export const readDatabaseUrl = (text: string): Reading => {
  if (text === ':memory:' || isPath(text)) return readSQLite(text)
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? []
  if (/^postgres(ql)?(\+\w+)?$/i.test(scheme)) return readPostgres(rest)
  // As in SQLAlchemy: three slashes precede a relative path, four an absolute one.
  if (/^sqlite(\+(aio|py)sqlite)?$/i.test(scheme)) return readSQLite(rest.replace(/^\/\/\/?/, ''))
  if (/^file$/i.test(scheme)) return readSQLite(rest.replace(/^\/\/(?=\/)/, ''), decodePercents)
  if (/postgres(ql)?(\+\w+)?:\/\//i.test(text))
    return unknown(`has other text before its URL: write the URL alone, as in ${postgresExample}`)
  return unknown(`is neither Postgres nor SQLite: write ${postgresExample} or ${sqliteExample}`)
}
