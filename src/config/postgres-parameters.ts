import {
  type PostgresLocation,
  type PostgresTls,
  PostgresUrlError,
  type SslMode,
  sessionAttributes,
  sslModes,
} from './postgres-location'

/** What other drivers accept as `ssl` or `sslmode`. */
const otherNames: Record<string, SslMode> = {
  true: 'require',
  1: 'require',
  on: 'require',
  'no-verify': 'require',
  false: 'disable',
  0: 'disable',
  off: 'disable',
}

const yesOrNo = ['0', '1'] as const

/** Values that match what this service does anyway. */
const fulfilled: Record<string, RegExp> = {
  channel_binding: /^(disable|prefer)$/,
  client_encoding: /^(auto|utf-?8|unicode)$/i,
  gssencmode: /^(disable|prefer)$/,
  sslcertmode: /^allow$/,
  sslcompression: /^0$/,
  max_protocol_version: /^(3\.0|latest)$/,
  min_protocol_version: /^3\.0$/,
}

const isOneOf = <T extends string>(values: readonly T[], value: string): value is T =>
  (values as readonly string[]).includes(value)

/** Reads the parameters of a connection URI. Parameters that are not read are reported as unsupported. */
export const createParameterReader = (parameters: ReadonlyMap<string, string>) => {
  const unread = new Set(parameters.keys())

  const text = (name: string) => {
    unread.delete(name)
    return parameters.get(name) || undefined
  }

  const oneOf = <T extends string>(name: string, values: readonly T[]): T | undefined => {
    const value = text(name)
    if (value === undefined || isOneOf(values, value)) return value
    throw new PostgresUrlError(`${name} must be one of ${values.join(', ')}`)
  }

  const seconds = (name: string) => {
    const value = text(name)
    if (value === undefined) return undefined
    if (!/^-?\d+$/.test(value)) throw new PostgresUrlError(`${name} is not a number of seconds`)
    return Number(value)
  }

  const sslMode = (rootCertificate: string | undefined): SslMode => {
    const given = text('sslmode') ?? text('ssl')
    unread.delete('ssl')
    const mode = given === undefined ? undefined : (otherNames[given] ?? given)
    if (mode !== undefined && !isOneOf(sslModes, mode))
      throw new PostgresUrlError(`sslmode must be one of ${sslModes.join(', ')}`)
    if (rootCertificate === 'system') {
      if (mode === undefined || mode === 'verify-full') return 'verify-full'
      throw new PostgresUrlError('sslrootcert=system requires sslmode=verify-full')
    }
    // As in libpq: with a root certificate, `require` verifies the certificate of the server.
    if (mode === 'require' && rootCertificate !== undefined) return 'verify-ca'
    return mode ?? 'prefer'
  }

  const tls = (): PostgresTls => {
    const rootCertificate = text('sslrootcert')
    const mode = sslMode(rootCertificate)
    const isDirect = oneOf('sslnegotiation', ['postgres', 'direct']) === 'direct'
    if (isDirect && ['disable', 'allow', 'prefer'].includes(mode))
      throw new PostgresUrlError('sslnegotiation=direct requires sslmode=require or stronger')
    const certificate = text('sslcert')
    const key = text('sslkey')
    const passphrase = text('sslpassword')
    const withCertificate = parameters.get('sslcertmode') !== 'disable'
    if (!withCertificate) unread.delete('sslcertmode')
    return {
      mode,
      rootCertificate,
      ...(withCertificate && { certificate, key, passphrase }),
      minVersion: text('ssl_min_protocol_version'),
      maxVersion: text('ssl_max_protocol_version'),
      isDirect,
      sendsServerName: oneOf('sslsni', yesOrNo) !== '0',
    }
  }

  const runtimeParameters = () => {
    const fallback = text('fallback_application_name') ?? 'todo-backend'
    const options = text('options')
    return { application_name: text('application_name') ?? fallback, ...(options && { options }) }
  }

  /** Everything that is not in the authority or path of the URI. */
  const rest = (): Omit<PostgresLocation, 'hosts' | 'user' | 'password' | 'database'> => {
    const timeout = seconds('connect_timeout') ?? 0
    const keepaliveIdleS = seconds('keepalives_idle') || 30
    return {
      tls: tls(),
      randomOrder: oneOf('load_balance_hosts', ['disable', 'random']) === 'random',
      connectTimeoutMs: timeout > 0 ? timeout * 1000 : undefined,
      keepaliveIdleS: oneOf('keepalives', yesOrNo) === '0' ? 0 : keepaliveIdleS,
      sessionAttributes: oneOf('target_session_attrs', sessionAttributes) ?? 'any',
      runtimeParameters: runtimeParameters(),
    }
  }

  /** A warning for each unsupported parameter. */
  const warnings = () =>
    [...unread]
      .filter((name) => !fulfilled[name]?.test(parameters.get(name) ?? ''))
      .map(
        (name) =>
          `DATABASE_URL has the parameter ${JSON.stringify(name)}, which is not supported: it is ignored`,
      )

  return { text, rest, warnings }
}
