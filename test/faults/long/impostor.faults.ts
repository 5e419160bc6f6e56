import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { createAuthority } from '../support/certificates'
import { startImpostor } from '../support/impostor'
import { startProcess } from '../support/process'
import { until } from '../support/time'

setDefaultTimeout(30_000)

const password = 'hunter2'

/** An impostor with a certificate for `localhost` of an authority that nobody knows, and a URL that leads to it. */
const setUp = async (hasTls: boolean) => {
  const authority = await createAuthority()
  const impostor = await startImpostor(hasTls, await authority.sign('localhost'))
  const url = `postgres://alice:${password}@localhost:${impostor.port}/todo`
  return { authority, impostor, url }
}

/** Waits until the service has tried twice. */
const twice = (impostor: { connections(): number }) =>
  until('the service has tried twice', () => impostor.connections() > 1)

describe('an impostor that asks for the password in clear', () => {
  it('receives it, if the URL does not ask for more than encryption', async () => {
    const { impostor, url } = await setUp(true)
    await startProcess(`${url}?sslmode=require`)
    await until('it has the password', () => impostor.received().includes(password))
  })

  describe.each([
    ['with TLS', true],
    ['without TLS', false],
  ])('%s', (_, hasTls) => {
    it.each([
      'channel_binding=require',
      'sslmode=require&channel_binding=require',
      'sslmode=verify-full',
      'sslmode=verify-ca',
      'sslrootcert=system',
    ])('does not receive it with %s', async (query) => {
      const { impostor, url } = await setUp(hasTls)
      const service = await startProcess(`${url}?${query}`)
      await twice(impostor)
      await service.printed('database disconnected')
      expect(impostor.received()).not.toContain(password)
      expect(impostor.received()).not.toContain('alice')
      expect((await service.get('/health')).status).toBe(503)
      expect(service.output()).not.toContain(password)
    })

    it('does not receive it if the authority of the URL is another one', async () => {
      const { impostor, url } = await setUp(hasTls)
      const other = await createAuthority()
      await startProcess(`${url}?sslmode=require&sslrootcert=${other.certificate}`)
      await twice(impostor)
      expect(impostor.received()).not.toContain(password)
    })

    it('is not even asked if a demand of the URL cannot be met', async () => {
      const { impostor, url } = await setUp(hasTls)
      const service = await startProcess(`${url}?require_auth=scram-sha-256&sslmode=require`)
      await service.printed(/database disconnected.*require_auth/)
      expect((await service.get('/health')).status).toBe(503)
      expect(impostor.connections()).toBe(0)
    })
  })

  it('does not receive it with a certificate for another name', async () => {
    const { authority, impostor, url } = await setUp(true)
    const trusting = { NODE_EXTRA_CA_CERTS: authority.certificate }
    const byAddress = url.replace('localhost', '127.0.0.1')
    const service = await startProcess(`${byAddress}?sslmode=require&channel_binding=require`, trusting)
    await service.printed('127.0.0.1')
    expect(impostor.received()).not.toContain(password)
  })
})
