import { SignJWT } from 'jose'

export const secret = 'a-secret-of-the-benchmark-and-of-nothing-else'

/** A token of this user as its issuer would sign it; `jti` makes it differ from others. */
export const signToken = (userId: string, jti = '1') =>
  new SignJWT({ sub: userId, jti })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('6h')
    .sign(new TextEncoder().encode(secret))
