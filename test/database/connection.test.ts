import { expect, it } from 'bun:test'
import { StatementNotSent } from '../../src/database/errors'
import { createConnection } from '../../src/database/postgres/connection'
import { prepareStatement } from '../../src/database/prepared-statement'
import { deadlineIn } from '../../src/database/time'

const write = prepareStatement(
  { _: { result: [] }, toSQL: () => ({ sql: 'delete from tasks', params: [] }) },
  null,
)

/** The error of a statement whose connection closes while its query is in this state of the driver. */
const errorOf = async (state: unknown) => {
  let close = () => {}
  const query = { active: false, state, forEach: () => new Promise(() => {}) }
  const client = {
    sql: { unsafe: () => query },
    isClosed: false,
    onClose(listener: () => void) {
      close = listener
    },
  }
  const options = { prepare: true, depth: 1, onSettled() {}, onLate() {} }
  const sent = createConnection(client as never, options).send(write, [], deadlineIn(60_000))
  close()
  return sent.catch((error) => error)
}

it('a statement that the driver had not sent when its connection closed may be sent again', async () => {
  expect(await errorOf(null)).toBeInstanceOf(StatementNotSent)
})

it('a statement that had been sent when its connection closed may have been executed', async () => {
  const error = await errorOf({ pid: 1 })
  expect(error).not.toBeInstanceOf(StatementNotSent)
  expect(error.code).toBe('CONNECTION_CLOSED')
})
