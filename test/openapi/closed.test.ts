import { describe, expect, it } from 'bun:test'
import { createDocumentCheck } from '../support/documented'
import { startService } from '../support/service'

describe('the comparison of responses with the description', () => {
  it('accepts what the service sends, and finds a property that no schema names', async () => {
    const service = await startService('SQLite')
    const alice = await service.as('alice')
    const check = createDocumentCheck((await service.get('/openapi.json')).body)
    const { body: task } = await alice.post('/api/tasks', { title: 'Milk' })
    const [one, page, failed] = await Promise.all([
      alice.get(`/api/tasks/${task.id}`),
      alice.get('/api/tasks'),
      alice.post('/api/tasks', {}),
    ])
    const leaked = { ...task, secret: 'x' }
    const examples = [
      { request: ['GET', `/api/tasks/${task.id}`], answer: one, leak: leaked },
      { request: ['GET', '/api/tasks'], answer: page, leak: { ...page.body, data: [leaked] } },
      { request: ['GET', '/api/tasks'], answer: page, leak: { ...page.body, secret: 'x' } },
      { request: ['POST', '/api/tasks'], answer: failed, leak: { ...failed.body, cause: 'x' } },
    ] as const
    for (const { request, answer, leak } of examples) {
      const [method, path] = request
      const compare = (body: unknown) => check(method, service.url + path, { ...answer, body })
      expect(() => compare(answer.body)).not.toThrow()
      expect(() => compare(leak)).toThrow('must NOT have unevaluated properties')
    }
  })
})
