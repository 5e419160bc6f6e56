import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { join } from 'node:path'
import { temporaryFolder } from '../support/databases'
import { createKey, redirectTo, startWeb } from '../support/key-server'
import { startProgram } from '../support/program'
import { startService } from '../support/service'

setDefaultTimeout(30_000)

const authorized = async (key: Awaited<ReturnType<typeof createKey>>) => ({
  authorization: `Bearer ${await key.sign()}`,
})

const statuses = [301, 302, 303, 307, 308]

describe('a key set that is elsewhere', () => {
  it.each(statuses)('is found through a %d to another host', async (status) => {
    const key = await createKey('1')
    const issuer = startWeb(() => Response.json({ keys: [key.jwk] }))
    const apex = startWeb((_, path) => redirectTo(issuer.url + path, status))
    const service = await startService('SQLite', { BETTER_AUTH_JWKS_URL: `${apex.url}/api/auth/jwks` })
    expect((await service.get('/api/me', await authorized(key))).status).toBe(200)
    expect(issuer.asked).toEqual(['/api/auth/jwks'])
  })

  it('is found through several redirects on one host, with its credentials and the query of each', async () => {
    const key = await createKey('1')
    const issuer = startWeb((request, path) => {
      if (request.headers.get('authorization') !== `Basic ${btoa('u:p')}`)
        return new Response('', { status: 401 })
      const hops: Record<string, string> = {
        '/a': 'b',
        '/b': `${issuer.url}/deep/c?x=1`,
        '/deep/c': '../jwks/',
      }
      return hops[path] ? redirectTo(hops[path]) : Response.json({ keys: [key.jwk] })
    })
    const url = `${issuer.url.replace('http://', 'http://u:p@')}/a`
    const service = await startService('SQLite', { BETTER_AUTH_JWKS_URL: url })
    expect((await service.get('/api/me', await authorized(key))).status).toBe(200)
    expect(issuer.asked).toEqual(['/a', '/b', '/deep/c?x=1', '/jwks/'])
  })

  it('receives no credentials that were for another host', async () => {
    const key = await createKey('1')
    const seen: (string | null)[] = []
    const other = startWeb(({ headers }) => {
      seen.push(headers.get('authorization'))
      return Response.json({ keys: [key.jwk] })
    })
    const issuer = startWeb(() => redirectTo(`${other.url}/jwks`))
    const url = `${issuer.url.replace('http://', 'http://u:p@')}/jwks`
    const service = await startService('SQLite', { BETTER_AUTH_JWKS_URL: url })
    expect((await service.get('/api/me', await authorized(key))).status).toBe(200)
    expect(seen).toEqual([null])
  })
})

/** The address of a key set, and what the log says when it cannot be fetched. */
const failures: [string, (other: string) => Response, RegExp][] = [
  ['redirects without an end', () => redirectTo('/jwks'), /\/jwks\?… redirects more than 5 times/],
  ['redirects to no address', () => redirectTo('http://'), /\/jwks\?… answered with the status 308/],
  [
    'redirects without saying where',
    () => new Response('', { status: 302 }),
    /\/jwks\?… answered with the status 302/,
  ],
  [
    'redirects to a file',
    () => redirectTo('file:///etc/passwd'),
    /\/jwks\?… redirects to .*\/etc\/passwd, which is not followed/,
  ],
  [
    'redirects to a missing page',
    (other) => redirectTo(`${other}/moved?token=secret`),
    /url=http:\S+\/jwks\?… reason=http:\S+\/moved\?… answered with the status 404/,
  ],
]

describe('a key set that cannot be found', () => {
  it.each(failures)('because its address %s, is explained in the log', async (_, answer, reason) => {
    const other = startWeb(() => new Response('no', { status: 404 }))
    const issuer = startWeb(() => answer(other.url))
    const { printed, output } = await startProgram({
      DATABASE_URL: ':memory:',
      BETTER_AUTH_JWKS_URL: `${issuer.url.replace('http://', 'http://user:hunter2@')}/jwks?key=secret`,
    })
    expect(await printed(/key set unavailable.*/)).toMatch(reason)
    expect(issuer.asked.length).toBeLessThanOrEqual(6)
    for (const secret of ['hunter2', 'secret']) expect(output()).not.toContain(secret)
  })
})

describe('a key set behind https', () => {
  const createCertificate = async () => {
    const folder = temporaryFolder()
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    await Bun.$`openssl req -new -x509 -days 2 -nodes -newkey rsa:2048 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout ${key} -out ${cert}`.quiet()
    return { cert, tls: { key: Bun.file(key), cert: Bun.file(cert) } }
  }

  it('is found through a redirect from http, and never through one to http', async () => {
    const key = await createKey('1')
    const { cert, tls } = await createCertificate()
    const plain = startWeb((_, path) =>
      path === '/jwks' ? Response.json({ keys: [key.jwk] }) : redirectTo(`${secure.url}/jwks`),
    )
    const secure = startWeb(
      (_, path) => (path === '/jwks' ? Response.json({ keys: [key.jwk] }) : redirectTo(`${plain.url}/jwks`)),
      tls,
    )
    const start = (BETTER_AUTH_JWKS_URL: string) =>
      startProgram({ DATABASE_URL: ':memory:', NODE_EXTRA_CA_CERTS: cert, BETTER_AUTH_JWKS_URL })

    const upgraded = await start(`${plain.url}/moved`)
    expect((await upgraded.client.get('/api/me', await authorized(key))).status).toBe(200)
    const asked = plain.asked.length
    const downgraded = await start(`${secure.url}/moved`)
    const reason = await downgraded.printed(/key set unavailable.*/)
    expect(reason).toContain(`${secure.url}/moved redirects to ${plain.url}/jwks, which is not followed`)
    expect((await downgraded.client.get('/api/me', await authorized(key))).status).toBe(503)
    expect(plain.asked).toHaveLength(asked)
  })
})
