import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import type { PostgresLocation } from '../../config/postgres-url'

const read = async (path: string | undefined) => (path === undefined ? undefined : await readFile(path))

/** The `ssl` option of postgres.js. Rejects with the code TLS_FILE_INVALID if a file of the URL cannot be used. */
export const tlsOptions = async ({ host, tls }: PostgresLocation) => {
  if (tls.mode === 'disable') return false
  if (tls.mode === 'prefer') return 'prefer'
  const readFiles = async () => {
    const files = {
      // Left unset, Bun's default store counts: built-in roots, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE.
      ca: await read(tls.rootCertificate),
      cert: await read(tls.certificate),
      key: await read(tls.key),
      passphrase: tls.passphrase,
    }
    // postgres.js would throw the same where nobody can catch it.
    createSecureContext(files)
    return files
  }
  const files = await readFiles().catch((cause) => {
    const error = new Error('a file of sslrootcert, sslcert or sslkey is missing or not valid', { cause })
    throw Object.assign(error, { code: 'TLS_FILE_INVALID' })
  })
  return {
    ...files,
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    // Neon finds the database by this name. An address cannot be one (RFC 6066).
    servername: isIP(host) === 0 ? host : undefined,
    rejectUnauthorized: tls.mode !== 'require',
    checkServerIdentity: (_: string, certificate: PeerCertificate) =>
      tls.mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  }
}
