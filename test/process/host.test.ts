import { describe, expect, it, setDefaultTimeout, spyOn } from 'bun:test'
import { createApp } from '../../src/app'
import { readConfig } from '../../src/config'
import { open } from '../../src/database'
import { createShutdown } from '../../src/http/shutdown'
import { createLog } from '../../src/log'
import { listen } from '../../src/server'
import { cleanUp } from '../support/cleanup'
import { spawnProgram } from '../support/program'
import { secret } from '../support/tokens'

setDefaultTimeout(30_000)

const statusAt = async (url: string) => (await fetch(`${url}/health/live`)).status

describe('without HOST', () => {
  it('the program answers at every address of IPv6 and IPv4, and prints one that a browser opens', async () => {
    const program = spawnProgram({
      DATABASE_URL: ':memory:',
      BETTER_AUTH_SECRET: secret,
      HOST: '',
      PORT: '0',
    })
    const port = await program.printed(/listening url=http:\/\/localhost:(\d+)\/$/m)
    for (const host of ['[::1]', '127.0.0.1', 'localhost'])
      expect(await statusAt(`http://${host}:${port}`)).toBe(200)
  })
})

/** Listens in this process, on a machine on which addresses of IPv6 lead to an error with this code. */
const listenWithout = async (code: string, environment: Record<string, string> = {}) => {
  const { serve } = Bun
  const spy = spyOn(Bun, 'serve').mockImplementation(((
    options: Parameters<typeof serve>[0] & { hostname: string },
  ) => {
    if (options.hostname.includes(':')) throw Object.assign(new Error(`${code}: listen`), { code })
    return serve(options)
  }) as typeof serve)
  cleanUp(() => spy.mockRestore())
  const config = readConfig({
    DATABASE_URL: ':memory:',
    BETTER_AUTH_SECRET: secret,
    PORT: '0',
    ...environment,
  })
  const database = await open(config.database)
  cleanUp(database.close)
  const shutdown = createShutdown()
  const app = createApp({ config, database, shutdown, log: createLog({ level: 'error', json: false }) })
  cleanUp(() => app.server?.stop(true))
  return listen(app, config, database, shutdown)
}

describe('where there is no IPv6', () => {
  it.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])(
    '(%s) the service answers at IPv4, without HOST',
    async (code) => {
      const { url } = await listenWithout(code)
      expect(url).toMatch(/^http:\/\/localhost:\d+\/$/)
      expect(await statusAt(url.replace('localhost', '127.0.0.1').replace(/\/$/, ''))).toBe(200)
    },
  )

  it('HOST is not replaced by another address', async () => {
    await expect(listenWithout('EAFNOSUPPORT', { HOST: '::1' })).rejects.toThrow('Cannot listen on ::1:0')
    await expect(listenWithout('EAFNOSUPPORT', { HOST: '::' })).rejects.toThrow('Cannot listen on :::0')
  })

  it('another error is not taken for that', async () => {
    await expect(listenWithout('EADDRINUSE')).rejects.toThrow('the port is in use')
  })
})

describe('with HOST', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', '[::1]'],
    ['[::1]', '[::1]', '127.0.0.1'],
  ])('%s the program answers at that address only', async (HOST, host, other) => {
    const program = spawnProgram({ DATABASE_URL: ':memory:', BETTER_AUTH_SECRET: secret, HOST, PORT: '0' })
    const url = await program.printed(/listening url=(http:\/\/\S+:\d+)\/$/m)
    expect(new URL(url).hostname).toBe(host)
    expect(await statusAt(url)).toBe(200)
    await expect(statusAt(url.replace(host, other))).rejects.toThrow()
  })

  it('0.0.0.0 the printed address says localhost', async () => {
    const program = spawnProgram({
      DATABASE_URL: ':memory:',
      BETTER_AUTH_SECRET: secret,
      HOST: '0.0.0.0',
      PORT: '0',
    })
    expect(await statusAt(await program.printed(/listening url=(http:\/\/localhost:\d+)\/$/m))).toBe(200)
  })
})
