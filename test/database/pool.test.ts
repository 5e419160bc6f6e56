import { describe, expect, it } from 'bun:test'
import { DatabaseUnavailable } from '../../src/database'
import { StatementNotSent } from '../../src/database/errors'
import type { Connection } from '../../src/database/postgres/connection'
import { createPool } from '../../src/database/postgres/pool'
import { prepareStatement } from '../../src/database/prepared-statement'
import { deadlineIn } from '../../src/database/time'
import { cleanUp } from '../support/cleanup'

const statementOf = (sql: string) =>
  prepareStatement({ _: { result: [] }, toSQL: () => ({ sql, params: [] }) }, null)
const read = statementOf('select 1')
const write = statementOf('update tasks set id = 1')

/** A connection whose statements are over when the test says so. */
const createFakeConnection = (): Connection => {
  let sent = 0
  let isClosed = false
  return {
    inFlight: () => sent,
    isClosed: () => isClosed,
    lastAnswer: () => performance.now(),
    accepts: () => sent === 0,
    send: () => {
      sent++
      return new Promise(() => {})
    },
    enforceDeadlines: () => {},
    close: () => {
      isClosed = true
    },
  }
}

const failure = (code: string) => Object.assign(new Error('as the system reports it'), { code })

const createTestPool = (open: () => Promise<Connection>, maxConnections = 1) => {
  const causes: unknown[] = []
  const pool = createPool({ open, maxConnections, maxWaiting: 2, onUnusable: (cause) => causes.push(cause) })
  cleanUp(pool.close)
  return { pool, causes }
}

const soon = () => deadlineIn(60_000)

describe('a pool that is closed', () => {
  it.each([
    ['a read', read],
    ['a write', write],
  ])('rejects %s that waits in it, and later ones', async (_, statement) => {
    const { pool } = createTestPool(async () => createFakeConnection())
    void pool.query(statement, [], soon())
    const waiting = pool.query(statement, [], soon()).catch((error) => error)
    await Bun.sleep(0)
    expect(pool.stats()).toMatchObject({ active: 1, waiting: 1 })
    pool.close()
    expect(await waiting).toBeInstanceOf(StatementNotSent)
    expect(await (async () => pool.query(statement, [], soon()))().catch((error) => error)).toBeInstanceOf(
      StatementNotSent,
    )
  })

  it('opens no connection for statements that wait in it', async () => {
    let opened = 0
    const { pool } = createTestPool(async () => {
      opened++
      const connection = createFakeConnection()
      // As a real one does, it tells the pool that it has closed.
      const close = () => {
        connection.close()
        pool.advance()
      }
      return { ...connection, close }
    })
    for (let count = 0; count < 2; count++) void pool.query(write, [], soon()).catch(() => {})
    await Bun.sleep(0)
    pool.close()
    expect(opened).toBe(1)
  })

  it('rejects statements that wait for a connection being opened, and closes that once it is open', async () => {
    const { promise, resolve } = Promise.withResolvers<Connection>()
    const { pool } = createTestPool(() => promise)
    const waiting = pool.query(write, [], soon()).catch((error) => error)
    pool.close()
    expect(await waiting).toBeInstanceOf(StatementNotSent)
    const next = (async () => pool.query(write, [], soon()))().catch((error) => error)
    expect(await Promise.race([next, Bun.sleep(1000)])).toBeInstanceOf(StatementNotSent)
    const late = createFakeConnection()
    resolve(late)
    await Bun.sleep(0)
    expect(late.isClosed()).toBe(true)
  })
})

describe('a pool', () => {
  it('keeps waiting statements when one connection cannot be opened but another can', async () => {
    for (const code of ['EAI_AGAIN', 'ECONNREFUSED', '53300', 'CONNECT_TIMEOUT']) {
      const attempts = [Promise.withResolvers<Connection>(), Promise.withResolvers<Connection>()]
      let opened = 0
      const { pool, causes } = createTestPool(
        async () => attempts[opened++]?.promise as Promise<Connection>,
        2,
      )
      const settled: unknown[] = []
      for (let count = 0; count < 2; count++)
        void pool.query(write, [], soon()).catch((error) => settled.push(error))
      attempts[0]?.reject(failure(code))
      await Bun.sleep(0)
      attempts[1]?.resolve(createFakeConnection())
      await Bun.sleep(0)
      expect([code, settled, causes]).toEqual([code, [], []])
      expect(pool.stats()).toMatchObject({ active: 1, waiting: 1 })
    }
  })

  it('rejects waiting statements when no connection can be opened, and reports it', async () => {
    const cause = failure('ECONNREFUSED')
    const { pool, causes } = createTestPool(async () => {
      throw cause
    })
    const refused = await pool.query(write, [], soon()).catch((error) => error)
    expect(refused).toBeInstanceOf(StatementNotSent)
    expect(refused.cause).toBe(cause)
    expect(causes).toEqual([cause])
  })

  it('rejects waiting statements at their deadline, and those that exceed the queue', async () => {
    const { pool } = createTestPool(async () => createFakeConnection())
    void pool.query(write, [], soon())
    await Bun.sleep(0)
    const late = pool.query(write, [], deadlineIn(30)).catch((error) => error)
    void pool.query(write, [], soon()).catch(() => {})
    expect(() => pool.query(write, [], soon())).toThrow(DatabaseUnavailable)
    expect(await late).toBeInstanceOf(DatabaseUnavailable)
    expect(await late).not.toBeInstanceOf(StatementNotSent)
  })
})
