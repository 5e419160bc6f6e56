export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

export const sessionAttributes = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const
type SessionAttributes = (typeof sessionAttributes)[number]

/** One server to try: a TCP address, or the folder of a Unix socket. */
export interface PostgresHost {
  /** The name that a certificate must have, or the folder. */
  host: string
  /** The address to connect to instead of resolving the name. */
  address?: string
  port: number
}

export interface PostgresTls {
  mode: SslMode
  /** A file of certificates, or `system`. */
  rootCertificate?: string
  certificate?: string
  key?: string
  passphrase?: string
  minVersion?: string
  maxVersion?: string
  /** Whether to start with the TLS handshake, without an SSLRequest (Postgres 17). */
  isDirect: boolean
  sendsServerName: boolean
}

/** The contents of a connection URI, completed with libpq's defaults. */
export interface PostgresLocation {
  hosts: PostgresHost[]
  randomOrder: boolean
  user: string
  password?: string
  database: string
  tls: PostgresTls
  /** The connect_timeout of the URI, in milliseconds. */
  connectTimeoutMs?: number
  /** Idle seconds before TCP keepalive probes; 0 disables them. */
  keepaliveIdleS: number
  sessionAttributes: SessionAttributes
  /** Sent to the server when a session starts. */
  runtimeParameters: Record<string, string>
}

/** A URI that cannot be used. The message holds no part of its credentials. */
export class PostgresUrlError extends Error {
  override name = 'PostgresUrlError'
  constructor(reason: string) {
    super(`DATABASE_URL cannot be used: ${reason}`)
  }
}
