import { describe, expect, it } from 'bun:test'
import { isRepeatable } from '../../src/database/errors'

const failure = (code: string) => Object.assign(new Error('as the driver throws it'), { code })

/** What ends an open connection: nobody knows what became of the statements on it. */
const lost = [
  'ECONNRESET',
  'ECONNABORTED',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_SOCKET_CLOSED',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  '08006',
  '57P01',
  '57P02',
  '57P03',
]

describe('a statement that failed', () => {
  it.each(lost)('is sent again after %s only if it reads', (code) => {
    for (const error of [failure(code), new Error('wrapped', { cause: failure(code) })]) {
      expect(isRepeatable(error, true)).toBe(true)
      expect(isRepeatable(error, false)).toBe(false)
    }
  })

  it.each(['57014', '40001', '40P01', '26000', '0A000'])(
    'is sent again if the server says with %s that it changed nothing',
    (code) => {
      expect(isRepeatable(failure(code), false)).toBe(true)
    },
  )

  it.each(['42P01', '23505', '22012', '25006', '53100', '55P03'])(
    'is not sent again after %s, which would only repeat itself',
    (code) => {
      for (const isRead of [true, false]) expect(isRepeatable(failure(code), isRead)).toBe(false)
    },
  )
})
