import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'

export const secret = 'the-secret-of-the-tests-has-32-characters'

/** Signs whatever claims with HS256, by jose and not by the code under test. */
export const sign = (
  claims: JWTPayload,
  { key = secret, header = { alg: 'HS256' } }: { key?: string; header?: JWTHeaderParameters } = {},
) => new SignJWT(claims).setProtectedHeader(header).sign(new TextEncoder().encode(key))

export const now = () => Math.floor(Date.now() / 1000)

export const tokenOf = (user: string) => sign({ sub: user, exp: now() + 3600 })
