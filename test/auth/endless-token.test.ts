import { expect, it } from 'bun:test'
import { startProgram } from '../support/program'
import { now, secret, sign } from '../support/tokens'

const warning = /^.* warn .*a token without exp was accepted.*$/gm

it('a token without exp is accepted, and the first one logs a warning', async () => {
  const { client, output, printed } = await startProgram({
    DATABASE_URL: ':memory:',
    BETTER_AUTH_SECRET: secret,
  })
  const ask = async (token: string) =>
    (await client.get('/api/me', { authorization: `Bearer ${token}` })).status
  const ending = await sign({ sub: 'alice', exp: now() + 60 })
  expect(await ask(ending)).toBe(200)
  expect(output()).not.toMatch(warning)
  const endless = await Promise.all(['alice', 'bob', 'carol'].map((sub) => sign({ sub })))
  for (const token of [...endless, ...endless]) expect(await ask(token)).toBe(200)
  await printed(warning)
  expect(output().match(warning)).toHaveLength(1)
  // Nobody learns from the log whose it was, or what it was.
  for (const part of ['alice', 'eyJ']) expect(output().match(warning)?.[0]).not.toContain(part)
})
