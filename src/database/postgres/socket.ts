import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  rootCertificates,
} from 'node:tls'
import type { PostgresHost, PostgresTls } from '../../config/postgres-location'

/** Whether a socket uses TLS: never, if the server supports it, or always. */
export type Encryption = 'none' | 'if supported' | 'always'

/** An error with a code, as the system's errors have. */
export const failure = (code: string, message: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code })

/** The SSLRequest message (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const supported = 'S'
const unsupported = 'N'

const read = (path: string | undefined, parameter: string) =>
  path === undefined
    ? undefined
    : readFile(path).catch((cause) => {
        throw failure('TLS_FILE_UNREADABLE', `the file of ${parameter} cannot be read`, cause)
      })

const certificateAuthorities = async ({ rootCertificate }: PostgresTls) =>
  rootCertificate === undefined || rootCertificate === 'system'
    ? [...rootCertificates]
    : read(rootCertificate, 'sslrootcert')

const tlsOptions = async (tls: PostgresTls, { host }: PostgresHost): Promise<ConnectionOptions> => {
  const isVerified = tls.mode === 'verify-ca' || tls.mode === 'verify-full'
  return {
    servername: tls.sendsServerName && isIP(host) === 0 ? host : undefined,
    rejectUnauthorized: isVerified,
    ca: isVerified ? await certificateAuthorities(tls) : undefined,
    checkServerIdentity: (_, certificate) =>
      tls.mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
    cert: await read(tls.certificate, 'sslcert'),
    key: await read(tls.key, 'sslkey'),
    passphrase: tls.passphrase,
    minVersion: tls.minVersion as ConnectionOptions['minVersion'],
    maxVersion: tls.maxVersion as ConnectionOptions['maxVersion'],
    ALPNProtocols: tls.isDirect ? ['postgresql'] : undefined,
  }
}

export const connectionClosed = () => failure('CONNECTION_CLOSED', 'the server closed the connection')

/** Waits for an event; rejects if the socket fails or closes first. */
const next = <T>(socket: Socket, event: string): Promise<T> => {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const onClose = () => reject(connectionClosed())
  socket.once(event, resolve).once('error', reject).once('close', onClose)
  return promise.finally(() => socket.off(event, resolve).off('error', reject).off('close', onClose))
}

/**
 * Opens a socket to a server, encrypted as the URI says. Rejects with the error of the socket, of TLS,
 * or with the code TLS_UNSUPPORTED or TLS_FILE_UNREADABLE.
 *
 * @param onSocket is called with each socket at once, so that the caller can watch it and close it.
 */
export const openSocket = async (
  host: PostgresHost,
  tls: PostgresTls,
  encryption: Encryption,
  onSocket: (socket: Socket) => void,
): Promise<Socket> => {
  const watch = (socket: Socket) => {
    // An error without a listener would end the process.
    socket.on('error', () => {})
    onSocket(socket)
  }
  const options = encryption === 'none' ? undefined : await tlsOptions(tls, host)
  const plain = host.host.startsWith('/')
    ? connect(`${host.host}/.s.PGSQL.${host.port}`)
    : connect(host.port, host.address ?? host.host)
  watch(plain)
  await next(plain, 'connect')
  if (!options) return plain
  if (!tls.isDirect) {
    plain.write(sslRequest)
    const answer = await next<Buffer>(plain, 'data')
    // More than one byte would have been injected by a man in the middle before encryption (CVE-2021-23222).
    if (answer.length !== 1)
      throw failure('TLS_UNSUPPORTED', 'the response to the request for TLS is not valid')
    if (answer.toString() === unsupported && encryption === 'if supported') return plain
    if (answer.toString() !== supported) throw failure('TLS_UNSUPPORTED', 'the server does not support TLS')
  }
  const encrypted = connectTls({ ...options, socket: plain })
  watch(encrypted)
  await next(encrypted, 'secureConnect')
  return encrypted
}
