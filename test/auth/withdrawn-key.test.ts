import { expect, it, type Mock, spyOn } from 'bun:test'
import type { JWK } from 'jose'
import { TokenRejected } from '../../src/auth/errors'
import { createKeySet } from '../../src/auth/key-set'
import { createPublishedKeysVerifier } from '../../src/auth/published-keys'
import { cleanUp } from '../support/cleanup'
import { createKey, startWeb } from '../support/key-server'

/** Holds the next verification of a signature, which is done in another thread and may take any time. */
const holdVerification = () => {
  const started = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const verify = crypto.subtle.verify.bind(crypto.subtle)
  const spy: Mock<typeof verify> = spyOn(crypto.subtle, 'verify')
  cleanUp(() => spy.mockRestore())
  spy.mockImplementationOnce(async (...input) => {
    started.resolve()
    await released.promise
    return verify(...input)
  })
  return { started: started.promise, release: released.resolve }
}

it('a key that is withdrawn while it verifies a token serves for no longer than the set that held it', async () => {
  const [own, stranger] = [await createKey('own'), await createKey('stranger')]
  const published: { keys: JWK[] } = { keys: [own.jwk] }
  const { url } = startWeb(() => Response.json(published))
  const keySet = createKeySet(new URL(url), { cooldown: 0 })
  const verify = createPublishedKeysVerifier(keySet)
  await keySet.prepare()
  const { freshUntil } = keySet

  const { started, release } = holdVerification()
  const verification = verify(await own.sign(), {})
  await started
  published.keys = []
  // A key that is not in the set has it fetched again.
  expect(await verify(await stranger.sign(), {}).catch((error) => error)).toBeInstanceOf(TokenRejected)
  expect(keySet.freshUntil).toBeGreaterThan(freshUntil)
  release()
  expect((await verification).until).toBe(freshUntil)
})
