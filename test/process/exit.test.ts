import { describe, expect, it } from 'bun:test'
import { cleanUp } from '../support/cleanup'
import { root, spawnProgram } from '../support/program'

const run = async (how: string) => {
  const program = spawnProgram({}, { command: ['bun', `${root}/test/process/support/exiting.ts`, how] })
  await program.printed('running')
  return program
}

describe('a process that is told to stop', () => {
  it.each([
    ['SIGTERM', 'with'],
    ['SIGINT', 'without'],
  ] as const)('drains at %s, %s grace, and exits with 0', async (signal, grace) => {
    const program = await run('stops')
    program.process.kill(signal)
    expect(await program.exited()).toBe(0)
    // The log is written in another thread than what the program prints itself.
    expect(program.output()).toContain(`stopping signal=${signal}\n`)
    expect(program.output()).toContain(`draining, ${grace} grace\n`)
    expect(program.output().trim()).toEndWith('stopped')
  })

  it('exits with 1 if that fails, and says why', async () => {
    const program = await run('fails to stop')
    program.process.kill('SIGTERM')
    expect(await program.exited()).toBe(1)
    expect(program.output()).toMatch(/ error +stopping failed reason=the database did not close/)
  })

  it('treats simultaneous signals as one, and ends at once at a later one', async () => {
    const program = await run('stops slowly')
    for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) program.process.kill(signal)
    await program.printed('draining')
    // Still inside the time in which they count as one.
    program.process.kill('SIGINT')
    await Bun.sleep(100)
    expect(program.process.exitCode).toBeNull()
    const again = setInterval(() => program.process.kill('SIGINT'), 50)
    cleanUp(() => clearInterval(again))
    expect(await program.exited()).toBe(1)
    expect(program.output().match(/stopping signal/g)).toHaveLength(1)
    expect(program.output()).not.toContain('drained')
  })
})

describe.each(['throws', 'rejects'])('an error that nobody caught (%s)', (how) => {
  it('is logged, and ends the process in order, with exit code 1', async () => {
    const program = await run(how)
    expect(await program.exited()).toBe(1)
    expect(program.output()).toMatch(/ error +uncaught error reason=.*a bug.* stack=.*a bug/)
    expect(program.output()).toMatch(/draining, without grace\n.*drained\n.*stopped\n/s)
  })
})
