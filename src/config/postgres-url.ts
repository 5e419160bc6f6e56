import { createParameterReader, PostgresUrlError, readTls } from './postgres-parameters'

export { PostgresUrlError } from './postgres-parameters'

const example = 'postgres://user:password@host:5432/database'
const severalHosts = `has several hosts: name one, as in ${example}`

const decode = (text: string, what: string) => {
  if (text.includes('%00')) throw new PostgresUrlError(`has a %00 in its ${what}`)
  try {
    return decodeURIComponent(text)
  } catch {
    throw new PostgresUrlError(`has a % in its ${what} that starts no percent-encoding: write it as %25`)
  }
}

const readPort = (text: string) => {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new PostgresUrlError(`has a port that is not a number from 1 to 65535, as in ${example}`)
  return port
}

/**
 * Splits a URI as libpq does, except that the last @ before the path ends the credentials, not the
 * first: a password with an @ in it is unambiguous, since a host has none.
 */
const split = (uri: string) => {
  if (/\s/.test(uri)) throw new PostgresUrlError('has a blank or a line break in it: write a blank as %20')
  const [, credentials = '', server = '', database = '', query = ''] =
    /^[^:]*:\/\/(?:([^/]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(uri) ?? []
  // Otherwise part of a password would be read as a port or database, and logged.
  if (database.includes('@'))
    throw new PostgresUrlError('has a / in its user name or password: write it as %2F')
  const [user = ''] = credentials.split(':', 1)
  if (server.includes(',')) throw new PostgresUrlError(severalHosts)
  // A host and a port, or an address in brackets and a port.
  const [, address, name, port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(server) ?? []
  const host = address ?? name
  if (host === undefined)
    throw new PostgresUrlError('has a host that is not valid: write an IPv6 address in brackets, as in [::1]')
  return { user, password: credentials.slice(user.length + 1), host, port, database, query }
}

const parametersOf = (query: string) => {
  const parameters = new Map<string, string>()
  // Not URLSearchParams, which would decode + as a space.
  for (const pair of query.split('&').filter(Boolean)) {
    const end = pair.indexOf('=')
    // Not named, since it may be the rest of a password.
    if (end < 1) throw new PostgresUrlError('has a parameter without a value; write & in a value as %26')
    const name = decode(pair.slice(0, end), 'parameters')
    if (parameters.has(name)) throw new PostgresUrlError(`has the parameter ${JSON.stringify(name)} twice`)
    parameters.set(name, decode(pair.slice(end + 1), `parameter ${name}`))
  }
  return parameters
}

export type PostgresLocation = ReturnType<typeof parsePostgresUrl>['location']

/**
 * Reads a connection URI, completed with libpq's defaults, as libpq does
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING), for one server. Parameters
 * that are not supported are named in a warning and never sent to the server. Throws PostgresUrlError.
 */
export const parsePostgresUrl = (uri: string) => {
  const parts = split(uri)
  const read = createParameterReader(parametersOf(parts.query))
  const host = (read.text('host') ?? decode(parts.host, 'host')) || 'localhost'
  const port = (read.text('port') ?? parts.port) || '5432'
  if (host.includes(',') || port.includes(',')) throw new PostgresUrlError(severalHosts)
  const user = read.text('user') ?? decode(parts.user, 'user name')
  if (user === '') throw new PostgresUrlError(`has no user: write one, as in ${example}`)
  const options = read.text('options')
  const location = {
    /** A name, an address, or the folder of a Unix socket (starts with a slash). */
    host,
    port: readPort(port),
    user,
    password: read.text('password') ?? (decode(parts.password, 'password') || undefined),
    database: read.text('dbname') ?? (decode(parts.database, 'name of the database') || user),
    tls: readTls(read, host.startsWith('/')),
    /** Sent to the server when a session starts. */
    parameters: {
      application_name: read.text('application_name') ?? 'todo-backend',
      ...(options && { options }),
    },
  }
  return { location, warnings: read.warnings() }
}
