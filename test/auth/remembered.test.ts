import { expect, it } from 'bun:test'
import { createAuthenticate } from '../../src/auth/authenticate'
import { createSharedSecretVerifier, sharedSecret } from '../../src/auth/shared-secret'
import { now, secret, sign, tokenOf } from '../support/tokens'

/** Authenticates for real and counts how many tokens had to be verified. */
const counting = () => {
  const verify = createSharedSecretVerifier(secret)
  const seen = { verified: 0 }
  const authenticate = createAuthenticate((token, expected) => {
    seen.verified++
    return verify(token, expected, sharedSecret(secret).decorator.jwt)
  })
  return { authenticate, seen }
}

it('10,000 tokens are cached and no more: the least recently used is evicted first', async () => {
  const { authenticate, seen } = counting()
  const maxEntries = 10_000
  const tokens: string[] = []
  for (let count = 0; count <= maxEntries; count++) tokens.push(await tokenOf(`user ${count}`))
  const [first = '', second = ''] = tokens
  for (const token of tokens.slice(0, maxEntries)) await authenticate(token)
  expect(seen.verified).toBe(maxEntries)
  expect(await authenticate(first)).toBe('user 0')
  expect(seen.verified).toBe(maxEntries)
  // The first was used just now, so the second makes room for one more.
  await authenticate(tokens[maxEntries] ?? '')
  expect(seen.verified).toBe(maxEntries + 1)
  expect(await authenticate(first)).toBe('user 0')
  expect(seen.verified).toBe(maxEntries + 1)
  expect(await authenticate(second)).toBe('user 1')
  expect(seen.verified).toBe(maxEntries + 2)
}, 60_000)

it('a token of more than 4,096 characters is not cached', async () => {
  const { authenticate, seen } = counting()
  const token = await sign({ sub: 'alice', exp: now() + 3600, pad: 'x'.repeat(4096) })
  for (let count = 1; count <= 2; count++) {
    expect(await authenticate(token)).toBe('alice')
    expect(seen.verified).toBe(count)
  }
})

it('a token that is verified again evicts no other from the cache', async () => {
  const seen = { verified: 0 }
  // What is verified may be taken for granted for no time at all.
  const authenticate = createAuthenticate(async (token) => {
    seen.verified++
    return {
      claims: { sub: token, exp: now() + 3600 },
      until: token === renewed ? 0 : Number.POSITIVE_INFINITY,
    }
  })
  const renewed = await tokenOf('renewed')
  const others: string[] = []
  for (let count = 1; count < 10_000; count++) others.push(await tokenOf(`user ${count}`))
  for (const token of [renewed, ...others]) await authenticate(token)
  await authenticate(renewed)
  expect(seen.verified).toBe(10_001)
  for (const token of others) await authenticate(token)
  expect(seen.verified).toBe(10_001)
}, 60_000)
