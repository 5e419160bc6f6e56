import { describe, expect, it } from 'bun:test'
import { describeError, type Fields, type Log, logMigrations, logStates } from '../../src/log'

const withCode = (code: string, message: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code })

describe('the description of an error', () => {
  it.each([
    [withCode('EROFS', 'EROFS: read-only file system, open'), 'EROFS: read-only file system, open'],
    [withCode('ECONNREFUSED', 'Failed to connect'), 'ECONNREFUSED: Failed to connect'],
    [withCode('FailedToOpenSocket', 'FailedToOpenSocket'), 'FailedToOpenSocket'],
    [
      withCode('A', 'it failed', withCode('EIO', 'EIO: i/o error', 'a text')),
      'A: it failed (EIO: i/o error (a text))',
    ],
    [{ no: 'error' }, '[object Object]'],
  ])('of %p has its code once', (error, description) => {
    expect(describeError(error)).toBe(description)
  })
})

const recording = () => {
  const lines: [string, Fields?][] = []
  const write = (message: string, fields?: Fields) => void lines.push([message, fields])
  return { lines, log: { info: write, warn: write } as unknown as Log }
}

describe('what the database reports', () => {
  it('names the host and the database that it is connected to', () => {
    const { lines, log } = recording()
    logStates(log)({ state: 'connected', database: 'db.example:5432/todo' })
    logStates(log)({ state: 'disconnected', cause: new Error('it is down') })
    expect(lines).toEqual([
      ['database connected', { database: 'db.example:5432/todo' }],
      ['database disconnected', { reason: 'it is down' }],
    ])
  })

  it('of a migration that is tried again and again is logged once, with what it waits for', () => {
    const { lines, log } = recording()
    const report = logMigrations(log)
    for (let attempt = 0; attempt < 5; attempt++) {
      report({ event: 'waiting' })
      report({ event: 'started', steps: ['0000_initial'] })
    }
    report({ event: 'finished', milliseconds: 1 })
    report({ event: 'started', steps: ['0000_initial'] })
    expect(lines.map(([message]) => message)).toEqual([
      'database migration waiting',
      'database migration started',
      'database migration finished',
      'database migration started',
    ])
    expect(lines[0]?.[1]).toMatchObject({ reason: 'another replica migrates' })
  })
})
