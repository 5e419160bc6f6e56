import { createParameterReader, type PostgresTls, PostgresUrlError, readTls } from './postgres-parameters'

export { type PostgresTls, PostgresUrlError } from './postgres-parameters'

/** The contents of a connection URI, completed with libpq's defaults. */
export interface PostgresLocation {
  /** A name, an address, or the folder of a Unix socket (starts with a slash). */
  host: string
  port: number
  user: string
  password?: string
  database: string
  /** Disabled for a Unix socket. */
  tls: PostgresTls
  /** Sent to the server when a session starts. */
  parameters: Record<string, string>
}

const example = 'postgres://user:password@host:5432/database'
const defaultPort = 5432

const decode = (text: string, what: string) => {
  if (text.includes('%00')) throw new PostgresUrlError(`has a %00 in its ${what}`)
  try {
    return decodeURIComponent(text)
  } catch {
    throw new PostgresUrlError(`has a % in its ${what} that starts no percent-encoding: write it as %25`)
  }
}

const readPort = (text: string) => {
  const port = Number(text || defaultPort)
  if (!/^\d*$/.test(text) || port < 1 || port > 65_535)
    throw new PostgresUrlError(`has a port that is not a number from 1 to 65535, as in ${example}`)
  return port
}

/**
 * Splits a URI as libpq does, except that the last @ before the path ends the credentials, not the
 * first: a password with an @ in it is unambiguous, since a host has none.
 */
const split = (uri: string) => {
  const rest = uri.replace(/^[^:]*:\/\//, '')
  if (/\s/.test(rest)) throw new PostgresUrlError('has a blank or a line break in it: write a blank as %20')
  const authorityEnd = /^[^/]*@/.test(rest) ? rest.slice(0, rest.search(/\/|$/)).lastIndexOf('@') : -1
  // Otherwise part of a password would be read as a port or database, and logged.
  if (authorityEnd < 0 && /^[^?]*@/.test(rest))
    throw new PostgresUrlError('has a / in its user name or password: write it as %2F')
  const credentials = authorityEnd < 0 ? '' : rest.slice(0, authorityEnd)
  const [user = ''] = credentials.split(':', 1)
  const [, authority = '', database = '', query = ''] =
    /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(rest.slice(authorityEnd + 1)) ?? []
  // A host and a port, or an address in brackets and a port.
  const [, address, name, port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(authority) ?? []
  const host = address ?? name
  if (host === undefined && !authority.includes(','))
    throw new PostgresUrlError('has a host that is not valid: write an IPv6 address in brackets, as in [::1]')
  return {
    user,
    password: credentials.slice(user.length + 1),
    host: host ?? authority,
    port,
    database,
    query,
  }
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

/**
 * Reads a connection URI as libpq does
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING), for one server. Parameters
 * that are not supported are named in a warning and never sent to the server. Throws PostgresUrlError.
 */
export const parsePostgresUrl = (uri: string): { location: PostgresLocation; warnings: string[] } => {
  const parts = split(uri)
  const read = createParameterReader(parametersOf(parts.query))
  const name = read.text('host') ?? decode(parts.host, 'host')
  const address = read.text('hostaddr')
  const ports = read.text('port') ?? parts.port
  if ([name, address, ports].some((text) => text?.includes(',')))
    throw new PostgresUrlError(`has several hosts: name one, as in ${example}`)
  const port = readPort(ports)
  const host = address || name || 'localhost'
  const tls = readTls(read, host.startsWith('/'))
  if (tls.mode === 'verify-full' && name !== '' && name !== host)
    throw new PostgresUrlError('has a host and a hostaddr: remove hostaddr, or only one can be verified')
  const user = read.text('user') ?? decode(parts.user, 'user name')
  if (user === '') throw new PostgresUrlError(`has no user: write one, as in ${example}`)
  const applicationName = read.text('fallback_application_name') ?? 'todo-backend'
  const options = read.text('options')
  const location: PostgresLocation = {
    host,
    port,
    user,
    password: read.text('password') ?? (decode(parts.password, 'password') || undefined),
    database: read.text('dbname') ?? (decode(parts.database, 'name of the database') || user),
    tls,
    parameters: {
      application_name: read.text('application_name') ?? applicationName,
      ...(options && { options }),
    },
  }
  return { location, warnings: read.warnings() }
}
