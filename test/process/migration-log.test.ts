import { expect, it } from 'bun:test'
import { type Log, logMigrations } from '../../src/log'

it('a migration that is tried again and again is logged once when it waits, starts and has finished', () => {
  const lines: string[] = []
  const report = logMigrations({ info: (message: string) => lines.push(message) } as unknown as Log)
  const started = { event: 'started', steps: ['0000_initial'] }
  for (let attempt = 0; attempt < 5; attempt++) {
    report({ event: 'waiting for another replica' })
    report(started)
  }
  report({ event: 'finished', milliseconds: 1 })
  report(started)
  expect(lines).toEqual([
    'database migration waiting for another replica',
    'database migration started',
    'database migration finished',
    'database migration started',
  ])
})
