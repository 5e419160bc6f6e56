import { PostgresUrlError } from './postgres-location'
import { parsePostgresUrl } from './postgres-url'

export type DatabaseLocation =
  | { dialect: 'postgres'; url: string }
  | { dialect: 'sqlite'; path: string }
  /** Not usable. The service starts, and /health reports that the database is unavailable. */
  | { dialect: 'unknown'; reason: string }

const unknown = (reason: string): DatabaseLocation => ({ dialect: 'unknown', reason })

const sqlite = (path: string): DatabaseLocation =>
  // Quotes that were pasted around a path must not become part of the file name.
  /["`“”„«»]|['‘’][^/\\]*$/.test(path)
    ? unknown('names a SQLite file with a quote in its name')
    : { dialect: 'sqlite', path: path === '' ? ':memory:' : path }

const closing: Record<string, string> = { '<': '>', '(': '\\)', '[': '\\]', '{': '\\}', '“': '”', '‘': '’' }

/** The pattern that ends a URL after this character: the matching quote or bracket, otherwise white space. */
const endAfter = (character: string | undefined) => {
  if (character === undefined) return '[\r\n]'
  if (!/["'`<([{“‘]/.test(character)) return '\\s'
  return `${closing[character] ?? character}(?=[\\s;,)\\]}]|$)`
}

/** Extracts the Postgres URL from a longer text, such as `psql 'postgres://…'` or `jdbc:postgresql://…`. */
const withoutSurroundings = (text: string) => {
  const start = text.search(/(?<![a-z0-9+.-])postgres(?:ql)?(?:\+\w+)?:\/\//i)
  if (start === -1) return text
  const [url = ''] = text.slice(start).split(new RegExp(endAfter(text[start - 1])))
  return url.replace(/[\s"'`;,]+$/, '')
}

/** Reads a value without a scheme: a path, or the reason why it is not one. */
const readBare = (text: string): DatabaseLocation => {
  if (/^\$?\s*(psql|pg\w+|usql|sqlite3?)(\s|$)/i.test(text))
    return unknown('is a command without a URL in it')
  if (/^\w+\s*=/.test(text))
    return unknown('is a list of keywords: write it as postgres://user:password@host:5432/database')
  const isPath = /^[.~]?[/\\]|^\.\.[/\\]/.test(text) || (/[./\\]/.test(text) && !/[@?<>]|:\/\//.test(text))
  return isPath ? sqlite(text) : unknown('is neither a URL nor the path of a SQLite file')
}

/**
 * Reads a DATABASE_URL: Postgres, SQLite as `sqlite:PATH`, `sqlite:///PATH` or `file:PATH`, a bare
 * path, or `:memory:`. A Python-style `+driver` is dropped, so the URL of the earlier backend works.
 */
const parse = (text: string): DatabaseLocation => {
  if (text === ':memory:') return { dialect: 'sqlite', path: text }
  const [, scheme, rest] = /^([a-z][a-z0-9.-]*)(?:\+\w+)?:(.*)$/is.exec(text) ?? []
  if (scheme === undefined || rest === undefined) return readBare(text)
  switch (scheme.toLowerCase()) {
    case 'postgres':
    case 'postgresql':
      return rest.startsWith('//')
        ? { dialect: 'postgres', url: `postgres:${rest}` }
        : unknown('has no // after its scheme: write postgres://user:password@host:5432/database')
    case 'sqlite':
      // As in SQLAlchemy: three slashes precede a relative path, four an absolute one.
      return sqlite(pathIn(rest.replace(/^\/\/\/?/, '')))
    case 'file':
      return sqlite(decoded(pathIn(rest.replace(/^\/\/(?=\/)/, ''))))
    default:
      return unknown(
        // Without the slashes it may be anything, for example a user name.
        `has a scheme that is neither Postgres nor SQLite${rest.startsWith('//') ? `: ${scheme}` : ''}`,
      )
  }
}

/** Decodes percent-encoding. Malformed encoding is left as it is. */
const decoded = (path: string) => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The path before the parameters of a URL, without quotes around it. */
const pathIn = (rest: string) => rest.replace(/\?.*$/s, '').replace(/^["'`]+|["'`]+$/g, '')

/** Reads a DATABASE_URL, with warnings about parameters that are not supported. */
export const readDatabaseUrl = (text: string): { location: DatabaseLocation; warnings: string[] } => {
  const location = parse(withoutSurroundings(text))
  return { location, warnings: location.dialect === 'postgres' ? postgresWarnings(location.url) : [] }
}

const postgresWarnings = (url: string) => {
  try {
    return parsePostgresUrl(url).warnings
  } catch (error) {
    // Every attempt to connect throws the same error, which is logged then.
    if (error instanceof PostgresUrlError) return []
    throw error
  }
}
