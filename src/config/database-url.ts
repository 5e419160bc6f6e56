export type DatabaseLocation =
  | { dialect: 'postgres'; url: string }
  | { dialect: 'sqlite'; path: string }
  /** A scheme that nothing here speaks. The server starts, and /health says that it is down. */
  | { dialect: 'unknown'; scheme: string }

/**
 * Reads a DATABASE_URL: Postgres, SQLite as `sqlite:PATH`, `sqlite:///PATH` or `file:PATH`, a bare
 * path, or `:memory:`. A Python-style `+driver` is dropped, so the URL of the earlier backend works.
 */
export const parseDatabaseUrl = (text: string): DatabaseLocation => {
  const [, scheme, rest] = /^([a-z][a-z0-9.-]*)(?:\+\w+)?:(.*)$/is.exec(text) ?? []
  if (scheme === undefined || rest === undefined)
    // Quotes around a URL, say, must not make a file of that name.
    return text.includes('://') ? { dialect: 'unknown', scheme: 'none' } : { dialect: 'sqlite', path: text }
  switch (scheme.toLowerCase()) {
    case 'postgres':
    case 'postgresql':
      return rest.startsWith('//')
        ? { dialect: 'postgres', url: `postgres:${rest}` }
        : { dialect: 'unknown', scheme }
    case 'sqlite':
      // As in SQLAlchemy: three slashes stand before a relative path, four before an absolute one.
      return { dialect: 'sqlite', path: sqlitePath(rest.replace(/^\/\/\/?/, '')) }
    case 'file':
      return { dialect: 'sqlite', path: decoded(sqlitePath(rest.replace(/^\/\/(?=\/)/, ''))) }
    default:
      return { dialect: 'unknown', scheme }
  }
}

/** Percent-encoding undone; what is none is taken as it stands. */
const decoded = (path: string) => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const sqlitePath = (rest: string) => {
  const path = rest.replace(/\?.*$/s, '')
  return path === '' ? ':memory:' : path
}
