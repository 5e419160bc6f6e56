import { createHmac, timingSafeEqual } from 'node:crypto'

const parse = (segment: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(segment, 'base64url').toString())

/** Makes the function from an Authorization header to its user, or nothing: the least that is safe. */
export const createVerify =
  (secret: string) =>
  (header: string | null): string | undefined => {
    if (!header?.startsWith('Bearer ')) return
    const [head, payload, signature] = header.slice(7).split('.')
    if (!head || !payload || !signature) return
    const expected = createHmac('sha256', secret).update(`${head}.${payload}`).digest()
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return
    if (parse(head).alg !== 'HS256') return
    const { sub, exp } = parse(payload)
    if (typeof sub !== 'string' || typeof exp !== 'number' || exp * 1000 <= Date.now()) return
    return sub
  }
