/** A URL that cannot be used. The message holds no part of its credentials. */
export class PostgresUrlError extends Error {
  override name = 'PostgresUrlError'
  /** @param reason continues a sentence that starts with the name of the variable. */
  constructor(readonly reason: string) {
    super(`DATABASE_URL ${reason}`)
  }
}

/** From the weakest to the strictest; each includes what those before it require. */
const modes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type TlsMode = (typeof modes)[number]

export interface PostgresTls {
  mode: TlsMode
  /** The path of a file. Without one, a mode that verifies uses Bun's default store of certificates. */
  rootCertificate?: string
  certificate?: string
  key?: string
  passphrase?: string
  minVersion?: string
  maxVersion?: string
}

/** What libpq and other drivers write instead of a mode. */
const otherModes: Record<string, TlsMode> = {
  allow: 'prefer',
  true: 'require',
  1: 'require',
  'no-verify': 'require',
  false: 'disable',
  0: 'disable',
}

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

/** Values that ask for no more than what this service does anyway. */
const met: Record<string, RegExp> = {
  client_encoding: /^(auto|utf-?8|unicode)$/i,
  gssencmode: /^(disable|prefer)$/,
  keepalives: /^1$/,
  load_balance_hosts: /^(disable|random)$/,
  max_protocol_version: /^(3\.0|3\.2|latest)$/,
  min_protocol_version: /^3\.0$/,
  sslcompression: /^[01]$/,
  sslnegotiation: /^postgres$/,
  sslsni: /^1$/,
  // There is one server; one that only reads refuses the writes.
  target_session_attrs: /^(any|read-write|primary|prefer-standby)$/,
}

/** Names that ask for security, whichever driver defines them, or for another server or other rows. */
const demanding =
  /auth|cert|channel|crl|encrypt|gss|min_protocol|peer|require|scram|ssl|tls|schema|search_path|service|target/i
const advice =
  'remove it; sslmode=verify-full makes sure of the server, and options=-c%20search_path%3Dname names a schema'
/** Values that ask for nothing of the kind. */
const harmless: Record<string, RegExp> = { schema: /^public$/, sslnegotiation: /^direct$/ }

/** A warning that names all parameters which are ignored, if there are any. */
export const warnAbout = (names: string[]) => {
  const quoted = names.map((name) => JSON.stringify(name)).join(', ')
  return names.length > 0 ? [`DATABASE_URL has parameters that are not supported: ${quoted}`] : []
}

export type ParameterReader = ReturnType<typeof createParameterReader>

export const createParameterReader = (parameters: ReadonlyMap<string, string>) => {
  const unread = new Map(parameters)

  const text = (name: string) => {
    unread.delete(name)
    return parameters.get(name) || undefined
  }

  /** One of some values, or another name for one of them. */
  const oneOf = <T extends string>(name: string, values: readonly T[], others: Record<string, T> = {}) => {
    const given = text(name)
    if (given === undefined) return undefined
    const value = values.find((known) => known === given) ?? others[given]
    if (value === undefined)
      throw new PostgresUrlError(`has a wrong ${name}: write one of ${values.join(', ')}`)
    return value
  }

  /** A warning that names the parameters nobody has read. Throws if one of them must not be ignored. */
  const warnings = () => {
    const unmet = [...unread].filter(([name, value]) => value !== '' && !met[name]?.test(value))
    const refused = unmet.find(([name, value]) => demanding.test(name) && !harmless[name]?.test(value))
    if (refused)
      throw new PostgresUrlError(`has ${JSON.stringify(refused[0])}, which cannot be met: ${advice}`)
    return warnAbout(unmet.map(([name]) => name))
  }

  return { text, oneOf, warnings, value: (name: string) => parameters.get(name) }
}

/** Reads client certificates; `sslcertmode=disable` means to send none. */
const readClientCertificate = ({ text, oneOf }: ParameterReader, isPlain: boolean) => {
  const mode = oneOf('sslcertmode', ['disable', 'allow', 'require'])
  const [certificate, key, passphrase] = [text('sslcert'), text('sslkey'), text('sslpassword')]
  if ((certificate === undefined) !== (key === undefined))
    throw new PostgresUrlError('has only one of sslcert and sslkey: add the other one; a CA is sslrootcert')
  if (mode === 'require' && (isPlain || certificate === undefined))
    throw new PostgresUrlError('has sslcertmode=require, which needs TLS, sslcert and sslkey')
  return mode === 'disable' ? {} : { certificate, key, passphrase }
}

/**
 * Reads how a connection is secured. What is asked for is met by a stricter mode if need be, or refused:
 * `channel_binding=require` counts as `verify-full`; a root certificate as `verify-ca` or stricter (in libpq
 * with `require` only); a client certificate, a version or direct negotiation as `require` or stricter, since
 * `prefer` may end up without TLS.
 */
export const readTls = (read: ParameterReader, isSocket: boolean): PostgresTls => {
  const { text, oneOf } = read
  const given = [oneOf('sslmode', modes, otherModes), oneOf('ssl', modes, otherModes)]
  const asked = modes.findLast((mode) => given.includes(mode))
  // As in libpq, a Unix socket is never encrypted, whatever the mode.
  const isPlain = isSocket || asked === 'disable'
  const bindsChannel = oneOf('channel_binding', ['disable', 'prefer', 'require']) === 'require'
  if (bindsChannel && isPlain)
    throw new PostgresUrlError('has channel_binding=require, which needs TLS, as with sslmode=verify-full')
  const isDirect = read.value('sslnegotiation') === 'direct'
  const root = text('sslrootcert')
  if (root === 'system' && asked !== undefined && asked !== 'verify-full')
    throw new PostgresUrlError('has sslrootcert=system, which needs sslmode=verify-full')
  const client = readClientCertificate(read, isPlain)
  const minVersion = oneOf('ssl_min_protocol_version', versions)
  const maxVersion = oneOf('ssl_max_protocol_version', versions)
  if (isPlain) return { mode: 'disable' }

  const needed = (): TlsMode => {
    if (bindsChannel || root === 'system') return 'verify-full'
    if (root !== undefined) return 'verify-ca'
    return client.certificate || minVersion || maxVersion || isDirect ? 'require' : 'prefer'
  }
  const mode = modes.findLast((mode) => mode === asked || mode === needed()) ?? 'prefer'
  return { mode, rootCertificate: root === 'system' ? undefined : root, ...client, minVersion, maxVersion }
}
