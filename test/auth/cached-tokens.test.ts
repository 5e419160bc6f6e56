import { expect, it, type Mock, setDefaultTimeout, spyOn } from 'bun:test'
import { cleanUp } from '../support/cleanup'
import { startService } from '../support/service'
import { now, sign, tokenOf } from '../support/tokens'

setDefaultTimeout(30_000)

/** A service, and how many signatures it has verified since it was asked last. */
const start = async () => {
  const service = await startService('SQLite')
  const verify: Mock<typeof crypto.subtle.verify> = spyOn(crypto.subtle, 'verify')
  cleanUp(() => verify.mockRestore())
  const verifications = () => {
    const count = verify.mock.calls.length
    verify.mockClear()
    return count
  }
  const ask = async (token: string) => {
    const answer = await service.get('/api/me', { authorization: `Bearer ${token}` })
    expect(answer.status).toBe(200)
  }
  return { ask, verifications }
}

it('a token is verified once, and the first of more than 1,000 once more', async () => {
  const { ask, verifications } = await start()
  const tokens = await Promise.all(Array.from({ length: 1001 }, (_, index) => tokenOf(`user ${index}`)))
  const [first = '', second = '', last = ''] = [tokens[0], tokens[1], tokens.at(-1)]
  const frozen = Date.now()
  // However long the machine takes: what is cached for too long is verified again.
  const clock = spyOn(Date, 'now').mockImplementation(() => frozen)
  cleanUp(() => clock.mockRestore())
  for (const token of tokens) await ask(token)
  expect(verifications()).toBe(1001)
  for (const token of [second, last]) await ask(token)
  expect(verifications()).toBe(0)
  await ask(first)
  expect(verifications()).toBe(1)
  // To make room for the first, the second was forgotten.
  await ask(second)
  expect(verifications()).toBe(1)
})

it('a token is verified again after 10 s, or once it has expired', async () => {
  const { ask, verifications } = await start()
  const clock = spyOn(Date, 'now')
  cleanUp(() => clock.mockRestore())
  const startedAt = now()
  const after = (seconds: number) => clock.mockImplementation(() => (startedAt + seconds) * 1000)
  after(0)
  const [long, short] = [
    await sign({ sub: 'alice', exp: startedAt + 3600 }),
    await sign({ sub: 'alice', exp: startedAt + 5 }),
  ]
  for (const token of [long, short]) await ask(token)
  after(4)
  for (const token of [long, short]) await ask(token)
  expect(verifications()).toBe(2)
  after(5)
  await ask(long)
  expect(verifications()).toBe(0)
  // It has expired by this clock. jose reads another one.
  await ask(short)
  expect(verifications()).toBe(1)
  after(10)
  await ask(long)
  expect(verifications()).toBe(1)
})
