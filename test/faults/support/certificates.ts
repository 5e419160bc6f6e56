import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/databases'
import { type Cluster, createCluster } from './cluster'

/** A certificate authority that signs certificates for a name, as files. */
export const createAuthority = async () => {
  const folder = temporaryFolder()
  const file = (name: string) => join(folder, name)
  const certificate = file('ca.pem')
  await Bun.$`openssl req -new -x509 -days 2 -nodes -newkey rsa:2048 -subj /CN=authority -keyout ${file('ca.key')} -out ${certificate}`.quiet()
  return {
    certificate,
    async sign(name: string, alternative = `DNS:${name}`) {
      const signed = { certificate: file(`${name}.pem`), key: file(`${name}.key`) }
      const request = file(`${name}.csr`)
      const extensions = file(`${name}.ext`)
      writeFileSync(extensions, `subjectAltName=${alternative}\n`)
      await Bun.$`openssl req -new -nodes -newkey rsa:2048 -subj /CN=${name} -keyout ${signed.key} -out ${request}`.quiet()
      await Bun.$`openssl x509 -req -days 2 -in ${request} -CA ${certificate} -CAkey ${file('ca.key')} -CAcreateserial -extfile ${extensions} -out ${signed.certificate}`.quiet()
      return signed
    },
  }
}

export type Authority = Awaited<ReturnType<typeof createAuthority>>

/** Puts a file into the data folder of a cluster, for its server alone. */
const install = (cluster: Cluster, from: string, name: string) => {
  const to = join(cluster.data, name)
  copyFileSync(from, to)
  chownSync(to, cluster.user.uid, cluster.user.gid)
  chmodSync(to, 0o600)
}

/** Who may log in to a cluster, one rule of pg_hba.conf a line. */
export const setRules = (cluster: Cluster, ...rules: string[]) =>
  writeFileSync(join(cluster.data, 'pg_hba.conf'), `${rules.join('\n')}\n`)

/** A cluster with TLS, a certificate of the authority for `localhost`, and more ways to it than TCP. */
export const startTlsCluster = async (authority: Authority, socketFolder = '') => {
  const cluster = await createCluster({
    ssl: 'on',
    ssl_ca_file: 'ca.pem',
    listen_addresses: '127.0.0.1,::1',
    unix_socket_directories: socketFolder,
  })
  const server = await authority.sign('localhost')
  install(cluster, server.certificate, 'server.crt')
  install(cluster, server.key, 'server.key')
  install(cluster, authority.certificate, 'ca.pem')
  await cluster.start()
  return cluster
}
