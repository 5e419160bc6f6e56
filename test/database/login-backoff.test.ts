import { describe, expect, it } from 'bun:test'
import { createLoginBackoff } from '../../src/database/login-backoff'
import type { Session } from '../../src/database/session'
import { supervise } from '../../src/database/supervisor'
import { cleanUp } from '../support/cleanup'

const failure = (code: string) => Object.assign(new Error('as the driver throws it'), { code })

describe('the pause after a login that was rejected', () => {
  it('doubles up to half a minute, and ends with any other outcome', () => {
    const logins = createLoginBackoff()
    expect(logins.remaining()).toBe(0)
    const pauses: number[] = []
    for (const code of ['28P01', '28000', '3D000', '28P01', '3D000', '28P01', '28P01', '28P01', '28P01']) {
      logins.note(new Error('wrapped', { cause: failure(code) }))
      pauses.push(Math.round(logins.remaining() / 100) * 100)
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    logins.note(failure('ECONNREFUSED'))
    logins.note(failure('28P01'))
    expect(logins.remaining()).toBeLessThanOrEqual(500)
  })

  /** How often a database that fails in this way is connected to within a while. */
  const countAttempts = async (code: string, milliseconds: number) => {
    let attempts = 0
    const connect = async () => {
      attempts++
      throw failure(code)
    }
    const { close } = supervise(connect, () => {})
    cleanUp(close)
    await Bun.sleep(milliseconds)
    return attempts
  }

  it('is only for such logins: a database that is available again is found at once', async () => {
    const outages = ['ECONNREFUSED', 'CONNECT_TIMEOUT', '57P03', '53300', '28P01', '3D000', '28000']
    const counts = await Promise.all(outages.map((code) => countAttempts(code, 1400)))
    for (const [index, count] of counts.entries())
      if (index < 4) expect(count).toBeWithin(4, 8)
      else expect(count).toBe(2)
  })

  it('follows a session that is lost because of a rejected login', async () => {
    let attempts = 0
    const connect = async () => {
      attempts++
      return { lost: Promise.resolve(failure('28P01')), close: async () => {} } as unknown as Session
    }
    const { close } = supervise(connect, () => {})
    cleanUp(close)
    await Bun.sleep(700)
    expect(attempts).toBe(2)
  })
})
