import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { cleanUp } from './cleanup'
import { now } from './tokens'

/** A key pair of an issuer: the key as it is published, and what signs tokens of alice with it. */
export const createKey = async (kid: string, alg = 'EdDSA') => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const sign = (header = {}, claims: JWTPayload = {}) =>
    new SignJWT({ sub: 'alice', exp: now() + 300, ...claims })
      .setProtectedHeader({ alg, kid, ...header })
      .sign(privateKey)
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg }, privateKey, sign }
}

/** A web server that answers each path as told, and counts what it was asked. */
export const startWeb = (
  answer: (request: Request, path: string) => Response | Promise<Response>,
  tls?: { key: Bun.BunFile; cert: Bun.BunFile },
) => {
  const asked: string[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls,
    fetch(request) {
      const { pathname, search } = new URL(request.url)
      asked.push(pathname + search)
      return answer(request, pathname)
    },
  })
  cleanUp(() => server.stop(true))
  return { asked, url: `${tls ? 'https' : 'http'}://127.0.0.1:${server.port}` }
}

export const redirectTo = (location: string, status = 308) =>
  new Response('moved', { status, headers: { location } })
