/** A URL that cannot be used. Its message continues `DATABASE_URL`, and holds no part of the credentials. */
export class PostgresUrlError extends Error {
  override name = 'PostgresUrlError'
}

/** From the weakest to the strictest; each includes what those before it require. */
const modes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type TlsMode = (typeof modes)[number]

/** What libpq and other drivers write instead of a mode. */
const otherModes: Record<string, TlsMode> = {
  false: 'disable',
  allow: 'prefer',
  true: 'require',
  'no-verify': 'require',
}

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

/** Names that ask for security, whichever driver defines them, or for another server or other rows. */
const demanding =
  /addr|auth|cert|channel|crl|encrypt|gss|min_protocol|peer|require|scram|ssl|tls|schema|search_path|service|target/i
const advice =
  'remove it; sslmode=verify-full makes sure of the server, and options=-c%20search_path%3Dname names a schema'
/** Values of those that ask for nothing of the kind: there is one server, and one that only reads refuses the writes. */
const harmless: Record<string, string[]> = {
  gssencmode: ['disable', 'prefer'],
  schema: ['public'],
  sslcompression: ['0', '1'],
  sslsni: ['1'],
  target_session_attrs: ['any', 'read-write', 'primary', 'prefer-standby'],
}

/** A warning that names all parameters which are ignored, if there are any. */
export const warnAbout = (names: string[]) => {
  const quoted = names.map((name) => JSON.stringify(name)).join(', ')
  return names.length > 0 ? [`DATABASE_URL has parameters that are not supported: ${quoted}`] : []
}

/** @param unread loses the parameters that are read. */
export const createParameterReader = (unread: Map<string, string>) => {
  const text = (name: string) => {
    const value = unread.get(name)
    unread.delete(name)
    return value || undefined
  }

  /** One of some values, or another name for one of them. */
  const oneOf = <T extends string>(name: string, values: readonly T[], others: Record<string, T> = {}) => {
    const given = text(name)
    if (given === undefined) return undefined
    const value = values.find((known) => known === (others[given] ?? given))
    if (value === undefined)
      throw new PostgresUrlError(`has a wrong ${name}: write one of ${values.join(', ')}`)
    return value
  }

  /** A warning that names the parameters nobody has read. Throws if one of them must not be ignored. */
  const warnings = () => {
    const others = [...unread].filter(([, value]) => value !== '')
    const refused = others.find(([name, value]) => demanding.test(name) && !harmless[name]?.includes(value))
    if (refused)
      throw new PostgresUrlError(`has ${JSON.stringify(refused[0])}, which cannot be met: ${advice}`)
    return warnAbout(others.map(([name]) => name))
  }

  return { text, oneOf, warnings }
}

const strictest = (...given: (TlsMode | undefined)[]) =>
  modes.findLast((mode) => given.includes(mode)) ?? 'prefer'

/** Reads how a connection is secured. What is asked for is met by a stricter mode if need be, or refused. */
export const readTls = ({ text, oneOf }: ReturnType<typeof createParameterReader>, isSocket: boolean) => {
  const asked = strictest(oneOf('sslmode', modes, otherModes), oneOf('ssl', modes, otherModes))
  // As in libpq, a Unix socket is never encrypted, whatever the mode.
  const isPlain = isSocket || asked === 'disable'
  const root = text('sslrootcert')
  const bindsChannel = oneOf('channel_binding', ['disable', 'prefer', 'require']) === 'require'
  const isVerified = bindsChannel || root === 'system'
  if (isVerified && isPlain)
    throw new PostgresUrlError('has channel_binding=require or sslrootcert=system, which need TLS')
  const isDirect = oneOf('sslnegotiation', ['postgres', 'direct']) === 'direct'
  const [certificate, key, passphrase] = [text('sslcert'), text('sslkey'), text('sslpassword')]
  if ((certificate === undefined) !== (key === undefined))
    throw new PostgresUrlError('has only one of sslcert and sslkey: add the other one; a CA is sslrootcert')
  const sends = oneOf('sslcertmode', ['disable', 'allow', 'require'])
  if (sends === 'require' && (isPlain || certificate === undefined))
    throw new PostgresUrlError('has sslcertmode=require, which needs TLS, sslcert and sslkey')
  const minVersion = oneOf('ssl_min_protocol_version', versions)
  const maxVersion = oneOf('ssl_max_protocol_version', versions)
  const mode = strictest(
    asked,
    isVerified ? 'verify-full' : undefined,
    root === undefined ? undefined : 'verify-ca',
    // With `prefer` these would be ignored if the server has no TLS.
    certificate || minVersion || maxVersion || isDirect ? 'require' : undefined,
  )
  return {
    mode: isPlain ? 'disable' : mode,
    /** The path of a file. Without one, a mode that verifies uses Bun's default store of certificates. */
    rootCertificate: root === 'system' ? undefined : root,
    ...(sends !== 'disable' && { certificate, key, passphrase }),
    minVersion,
    maxVersion,
  }
}
