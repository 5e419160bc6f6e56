export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

export type SessionAttributes = 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby'

/** One server to try: a TCP address, or the folder of a Unix socket. */
export interface PostgresHost {
  /** The name that a certificate must have, or the folder. */
  host: string
  /** The address to connect to if it is not to be looked up by name. */
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
  /** Whether the TLS handshake comes first, without asking the server for it (Postgres 17). */
  isDirect: boolean
  sendsServerName: boolean
}

/** What a connection URI says, complete with libpq's defaults. */
export interface PostgresLocation {
  hosts: PostgresHost[]
  randomOrder: boolean
  user: string
  password?: string
  database: string
  tls: PostgresTls
  /** Longest that opening a connection may take, in milliseconds, if the URI says so. */
  connectTimeoutMs?: number
  /** Seconds of silence before TCP keepalive probes; 0 for none. */
  keepaliveIdleS: number
  sessionAttributes: SessionAttributes
  /** Sent to the server when a session starts. */
  runtimeParameters: Record<string, string>
}

/** A URI that cannot be used. The message holds no part of its credentials. */
export class PostgresUrlError extends Error {
  override name = 'PostgresUrlError'
}
