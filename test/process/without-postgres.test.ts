import { expect, it } from 'bun:test'
import { temporaryFolder } from '../support/databases'
import { spawnProgram } from '../support/program'

it('a run of the tests that cannot start Postgres ends with the reason, once', async () => {
  // Nothing that prepares Postgres is on this path.
  const environment = { PATH: temporaryFolder() }
  const command = [process.execPath, 'test', 'test/api/tasks.test.ts', '-t', 'Postgres']
  const run = spawnProgram(environment, { command })
  expect(await run.exited()).toBe(1)
  expect(run.output().match(/^Postgres cannot be started: .+/gm)).toHaveLength(1)
  expect(run.output()).not.toContain('(fail)')
}, 30_000)
