import { describe, expect, it } from 'bun:test'
import { connectTo } from '../../support/databases'
import { root, spawnProgram } from '../../support/program'
import { startCluster } from '../support/cluster'
import { startServing } from '../support/process'
import { onTasks, slowDown } from '../support/statements'
import { timed, until } from '../support/time'

describe('SIGTERM', () => {
  it('waits for a request no longer than its time limit', async () => {
    const cluster = await startCluster()
    const service = await startServing(cluster.url, { DATABASE_TIMEOUT_MS: '20000' })
    const alice = await service.as('alice')
    const admin = connectTo(cluster.url)
    await slowDown(admin, 19)
    const writing = alice.post('/api/tasks', { title: 'late' }).catch(() => undefined)
    await until('it is being written', async () => (await onTasks(admin)) === 1)
    service.kill('SIGTERM')
    const { result: code, ms } = await timed(service.exited)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    await writing
    expect(service.unexpectedOutput).toEqual([])
  }, 40_000)

  it('ends the process, with 1, even if stopping never ends', async () => {
    const command = ['bun', `${root}/test/process/support/exiting.ts`, 'never stops']
    const program = spawnProgram({}, { command })
    await program.printed('running')
    program.process.kill('SIGTERM')
    const { result: code, ms } = await timed(program.exited)
    expect(code).toBe(1)
    expect(ms).toBeLessThan(15_000)
    expect(program.output()).toMatch(/ error +stopping failed reason=it took too long/)
  }, 30_000)
})
