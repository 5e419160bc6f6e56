import { describe, expect, it } from 'bun:test'
import { Type } from '@sinclair/typebox'
import { defineModels } from '../../src/models'
import { postgres } from '../../src/models/dialects/postgres'
import { Key, UserId } from '../../src/schemas/fields'
import { columnsOf } from '../../src/stores/columns'
import { preparePerFields, prepareRows } from '../../src/stores/rows'
import { freshDatabase, openConnected } from '../support/databases'

const { tasks } = defineModels(postgres)
const text = Type.String()

describe('the columns of a store', () => {
  it('are those that the response schema names, in its order', () => {
    const schema = Type.Object({ title: text, user_id: UserId })
    expect(Object.keys(columnsOf(tasks, schema))).toEqual(['title', 'user_id'])
  })

  it('end the start if a field of a response or a request has none', () => {
    const schema = Type.Object({ id: Key, user_id: UserId, no_such_field: text }, { $id: 'Example' })
    const message = 'the schema Example has fields without a column: no_such_field'
    expect(() => columnsOf(tasks, schema)).toThrow(message)
  })

  it('end the start if the response does not say whose row it is', async () => {
    const database = await openConnected(await freshDatabase('SQLite'))
    const row = Type.Object({ id: Key, title: text }, { $id: 'Nameless' })
    const prepare = () => prepareRows(database, { table: database.models.tasks, row, order: 'newest first' })
    expect(prepare).toThrow('the schema Nameless has no field user_id')
  })
})

describe('statements for each set of fields', () => {
  it('are prepared once, and that for all of them at start', () => {
    const prepared: string[] = []
    const { title, completed } = tasks
    const statementOf = preparePerFields({ title, completed }, (given) => {
      const names = Object.keys(given)
      prepared.push(names.join())
      return names
    })
    expect(prepared).toEqual(['title,completed'])
    const values = [
      { completed: true, title: 'x', description: undefined },
      { completed: true, colour: 'red' },
      { completed: false, title: undefined },
      {},
    ]
    expect(values.map(statementOf)).toEqual([['title', 'completed'], ['completed'], ['completed'], []])
    expect(prepared).toEqual(['title,completed', 'completed', ''])
  })
})
