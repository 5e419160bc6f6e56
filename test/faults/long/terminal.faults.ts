import { describe, expect, it, setDefaultTimeout } from 'bun:test'
import { connect } from 'node:net'
import { join } from 'node:path'
import { checkOut } from '../../support/checkout'
import { cleanUp } from '../../support/cleanup'
import { createClient } from '../../support/client'
import { temporaryFolder } from '../../support/databases'
import { askMany } from '../../support/output'
import { root, spawnProgram } from '../../support/program'
import { spawnInTerminal } from '../../support/terminal'
import { secret, tokenOf } from '../../support/tokens'

setDefaultTimeout(30_000)

const environment = {
  DATABASE_URL: ':memory:',
  HOST: '127.0.0.1',
  PORT: '0',
  BETTER_AUTH_SECRET: secret,
  METRICS: 'true',
}
const listening = /listening.*http:\/\/127\.0\.0\.1:(\d+)/

/** Sends half a request, and returns once the service waits for the other half. */
const sendHalf = async (port: number) => {
  const head = ['POST /api/tasks HTTP/1.1', 'Host: x', `Authorization: Bearer ${await tokenOf('alice')}`]
  const body = ['Content-Type: application/json', 'Content-Length: 15', '', '{']
  const socket = connect(port, '127.0.0.1')
  cleanUp(() => socket.destroy())
  socket.write([...head, ...body].join('\r\n'))
  // The request for the metrics is itself in flight.
  const inFlight = async () => (await createClient(`http://127.0.0.1:${port}`).get('/metrics')).body
  while (!/^http_requests_in_flight 2$/m.test(await inFlight())) await Bun.sleep(5)
}

describe.each(['dev', 'start'])('bun run %s', (script) => {
  const command = ['bun', 'run', script]

  it('stops cleanly at one Ctrl-C', async () => {
    const program = spawnInTerminal(command, await checkOut(), environment)
    await program.printed(listening)
    program.pressCtrlC()
    expect(await program.process.exited).toBe(0)
    expect(program.output().match(/ (stopping|stopped)\b/g)).toEqual([' stopping', ' stopped'])
  })

  it('ends at once at a second Ctrl-C', async () => {
    const program = spawnInTerminal(command, await checkOut(), environment)
    const port = Number(await program.printed(listening))
    await sendHalf(port)
    program.pressCtrlC()
    await program.printed('stopping')
    // Those that follow at once count as the same signal.
    const again = setInterval(program.pressCtrlC, 100)
    cleanUp(() => clearInterval(again))
    expect(await program.process.exited).toBe(1)
    expect(program.output()).not.toContain('stopped')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly at a %s that only it gets', async (signal) => {
    const program = spawnProgram(environment, { command, cwd: await checkOut() })
    await program.printed(listening)
    program.process.kill(signal)
    expect(await program.exited()).toBe(0)
    expect(program.output()).toContain('stopped')
  })
})

describe('bun run dev', () => {
  it('stops cleanly after the source has changed', async () => {
    const cwd = await checkOut()
    const program = spawnInTerminal(['bun', 'run', 'dev'], cwd, environment)
    const first = await program.printed(listening)
    const file = join(cwd, 'src/routes/me.ts')
    await Bun.write(file, `${await Bun.file(file).text()}\n`)
    await program.printed(new RegExp(`listening.*:(?!${first})\\d+/`))
    program.pressCtrlC()
    expect(await program.process.exited).toBe(0)
    expect(program.output().trim()).toEndWith('stopped')
  })
})

it('a terminal paused by Ctrl-S blocks no request and no SIGTERM', async () => {
  const program = spawnInTerminal(['bun', `${root}/src/index.ts`], temporaryFolder(), environment)
  const client = createClient(`http://127.0.0.1:${await program.printed(listening)}`)
  program.pressCtrlS()
  expect(await askMany(client, 100)).toEqual([404])
  expect((await client.get('/health/live')).status).toBe(200)
  program.process.kill('SIGTERM')
  expect(await program.process.exited).toBe(0)
})
