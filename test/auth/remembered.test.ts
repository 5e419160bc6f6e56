import { expect, it } from 'bun:test'
import { createAuthenticate } from '../../src/auth/authenticate'
import { createSharedSecretVerifier } from '../../src/auth/shared-secret'
import { now, secret, sign, tokenOf } from '../support/tokens'

/** Authenticates for real and counts how many tokens had to be verified. */
const counting = () => {
  const verify = createSharedSecretVerifier(secret)
  const seen = { verified: 0 }
  const authenticate = createAuthenticate((token) => {
    seen.verified++
    return verify(token)
  })
  return { authenticate, seen }
}

it('10,000 tokens are remembered and no more: the oldest is forgotten first', async () => {
  const { authenticate, seen } = counting()
  const most = 10_000
  const tokens: string[] = []
  for (let count = 0; count <= most; count++) tokens.push(await tokenOf(`user ${count}`))
  const [first = '', second = ''] = tokens
  for (const token of tokens.slice(0, most)) await authenticate(token)
  expect(seen.verified).toBe(most)
  expect(await authenticate(first)).toBe('user 0')
  expect(seen.verified).toBe(most)
  await authenticate(tokens[most] ?? '')
  expect(seen.verified).toBe(most + 1)
  expect(await authenticate(second)).toBe('user 1')
  expect(seen.verified).toBe(most + 1)
  expect(await authenticate(first)).toBe('user 0')
  expect(seen.verified).toBe(most + 2)
}, 60_000)

it('a token of more than 4,096 characters is not remembered', async () => {
  const { authenticate, seen } = counting()
  const token = await sign({ sub: 'alice', exp: now() + 3600, pad: 'x'.repeat(4096) })
  for (let count = 1; count <= 2; count++) {
    expect(await authenticate(token)).toBe('alice')
    expect(seen.verified).toBe(count)
  }
})
