import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, createSecureContext } from 'node:tls'
import type { PostgresLocation } from '../../config/postgres-url'

const failure = (code: string, message: string, cause: unknown) =>
  Object.assign(new Error(message, { cause }), { code })

const read = (path: string | undefined, parameter: string) =>
  path === undefined
    ? undefined
    : readFile(path).catch((cause) => {
        throw failure('TLS_FILE_UNREADABLE', `the file of ${parameter} cannot be read`, cause)
      })

/**
 * The `ssl` option of postgres.js. Rejects with the code TLS_FILE_UNREADABLE or TLS_FILE_INVALID if a file of the
 * URL cannot be used.
 */
export const tlsOptions = async ({
  host,
  tls,
}: PostgresLocation): Promise<false | 'prefer' | ConnectionOptions> => {
  if (tls.mode === 'disable') return false
  if (tls.mode === 'prefer') return 'prefer'
  const files = {
    // Left unset, Bun's default store counts: built-in roots, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE.
    ca: await read(tls.rootCertificate, 'sslrootcert'),
    cert: await read(tls.certificate, 'sslcert'),
    key: await read(tls.key, 'sslkey'),
    passphrase: tls.passphrase,
  }
  try {
    // postgres.js would throw the same where nobody can catch it.
    createSecureContext(files)
  } catch (cause) {
    throw failure('TLS_FILE_INVALID', 'a file of sslrootcert, sslcert or sslkey is not valid', cause)
  }
  return {
    ...files,
    minVersion: tls.minVersion as ConnectionOptions['minVersion'],
    maxVersion: tls.maxVersion as ConnectionOptions['maxVersion'],
    // Neon finds the database by this name. An address cannot be one (RFC 6066).
    servername: isIP(host) === 0 ? host : undefined,
    rejectUnauthorized: tls.mode !== 'require',
    checkServerIdentity: (_, certificate) =>
      tls.mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  }
}
