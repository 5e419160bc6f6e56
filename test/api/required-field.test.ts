import { describe, expect, it } from 'bun:test'
import { Type } from '@sinclair/typebox'
import { missingField } from '../../src/schemas/required-field'
import { dialects } from '../support/databases'
import { startService } from '../support/service'

const schemaOf = (names: string[]) => Type.Object(Object.fromEntries(names.map((name) => [name, Type.Any()])))

describe('a change of nothing', () => {
  it.each([
    [['title'], 'must have a title'],
    [['title', 'completed'], 'must have a title or completed'],
    [['title', 'description', 'completed'], 'must have a title, description or completed'],
  ])('lists the fields of its schema: %p', (names, message) => {
    expect(missingField(schemaOf(names), { no_such_field: 'red' })).toBe(message)
    for (const name of names) expect(missingField(schemaOf(names), { [name]: null })).toBeUndefined()
  })

  it.each(dialects)('is refused on %s with every field that could be changed', async (dialect) => {
    const service = await startService(dialect)
    const alice = await service.as('alice')
    const { body: task } = await alice.post('/api/tasks', { title: 'Milk' })
    const { status, body } = await alice.patch(`/api/tasks/${task.id}`, {})
    expect(status).toBe(422)
    const { schemas } = (await service.get('/openapi.json')).body.components
    const named: string[] = body.errors[0].message.replace('must have a ', '').split(/, | or /)
    expect(named).toEqual(Object.keys(schemas.TaskChange.properties))
  })
})
