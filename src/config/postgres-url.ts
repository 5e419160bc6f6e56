import { existsSync, readFileSync } from 'node:fs'
import { type PostgresHost, type PostgresLocation, PostgresUrlError } from './postgres-location'
import { createParameterReader } from './postgres-parameters'

const defaultPort = 5432
const socketFolders = ['/var/run/postgresql', '/tmp']

/** libpq's default host: the Unix socket of a local server, otherwise localhost. */
const defaultHost = (port: number) =>
  socketFolders.find((folder) => existsSync(`${folder}/.s.PGSQL.${port}`)) ?? 'localhost'

/** The operating system's user, as in libpq. Bun's os.userInfo() depends on $USER. */
const systemUser = () => {
  const uid = String(process.getuid?.())
  const users = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
  return users.map((line) => line.split(':')).find((fields) => fields[2] === uid)?.[0] ?? 'postgres'
}

const decode = (text: string, what: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new PostgresUrlError(
      `the ${what} has a % that does not start a percent-encoded character: write it as %25`,
    )
  }
}

const portOf = (text: string) => {
  if (text === '') return undefined
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new PostgresUrlError('a port is not a number from 1 to 65535')
  return port
}

/** `host`, `host:port`, `[address]:port`, or a percent-encoded folder. */
const hostAndPort = (text: string) => {
  const [, address, name = '', port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? []
  if (address === undefined && name === '' && text !== '' && !text.startsWith(':'))
    throw new PostgresUrlError('a host is not valid: write an IPv6 address in brackets')
  return { host: decode(address ?? name, 'host'), port }
}

/**
 * Splits a URI as libpq does, except that the last @ before the path ends the credentials, not the
 * first: a password with an @ in it is unambiguous, since a host has none.
 */
const split = (uri: string) => {
  const rest = /^[^:]*:\/\/(.*)$/s.exec(uri)?.[1]
  if (rest === undefined) throw new PostgresUrlError('it does not start with postgresql://')
  const authorityEnd = /^[^/]*@/.test(rest) ? rest.slice(0, rest.search(/\/|$/)).lastIndexOf('@') : -1
  // Otherwise part of a password would be read as a port or database, and logged.
  if (authorityEnd < 0 && /^[^?]*@/.test(rest))
    throw new PostgresUrlError('it has a / in its user name or password: write it as %2F')
  const credentials = authorityEnd < 0 ? '' : rest.slice(0, authorityEnd)
  const [, hosts = '', database = '', query = ''] =
    /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest.slice(authorityEnd + 1)) ?? []
  const [user = ''] = credentials.split(':', 1)
  return { user, password: credentials.slice(user.length + 1), hosts, database, query }
}

const parametersOf = (query: string) => {
  const pairs = query.split('&').filter(Boolean)
  // Not URLSearchParams, which would decode + as a space.
  return new Map(
    pairs.map((pair) => {
      const [name = ''] = pair.split('=', 1)
      return [decode(name, 'name of a parameter'), decode(pair.slice(name.length + 1), `parameter ${name}`)]
    }),
  )
}

const pairUp = (hosts: string[], addresses: string[], ports: string[]): PostgresHost[] => {
  const count = Math.max(hosts.length, addresses.length, 1)
  if (ports.length > 1 && ports.length !== count)
    throw new PostgresUrlError(`there are ${count} hosts, but ${ports.length} ports`)
  if (addresses.length > 0 && hosts.length > 0 && addresses.length !== hosts.length)
    throw new PostgresUrlError(`there are ${hosts.length} hosts, but ${addresses.length} values of hostaddr`)
  return Array.from({ length: count }, (_, index) => {
    const port = portOf((ports.length === 1 ? ports[0] : ports[index]) ?? '') ?? defaultPort
    const address = addresses[index] || undefined
    return { host: hosts[index] || address || defaultHost(port), address, port }
  })
}

const list = (text: string | undefined) => (text === undefined ? undefined : text.split(','))

/**
 * Reads a connection URI as libpq does
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING). Unsupported parameters are
 * named in a warning and never sent to the server. Throws PostgresUrlError.
 */
export const parsePostgresUrl = (uri: string): { location: PostgresLocation; warnings: string[] } => {
  const parts = split(uri)
  const inAuthority = parts.hosts === '' ? [] : parts.hosts.split(',').map(hostAndPort)
  const read = createParameterReader(parametersOf(parts.query))
  const hosts = list(read.text('host')) ?? inAuthority.map(({ host }) => host)
  const ports = list(read.text('port')) ?? inAuthority.map(({ port }) => port)
  const user = read.text('user') ?? (decode(parts.user, 'user name') || systemUser())
  const location: PostgresLocation = {
    hosts: pairUp(hosts, list(read.text('hostaddr')) ?? [], ports),
    user,
    password: read.text('password') ?? (decode(parts.password, 'password') || undefined),
    database: read.text('dbname') ?? (decode(parts.database, 'name of the database') || user),
    ...read.rest(),
  }
  return { location, warnings: read.warnings() }
}
