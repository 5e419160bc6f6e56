import { expect, it } from 'bun:test'
import { dialects, freshDatabase } from '../support/databases'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'
import { clients, type Send } from './support/clients'

it.each(dialects)(
  'every client works if each request meets another replica, on %s',
  async (dialect) => {
    const DATABASE_URL = await freshDatabase(dialect)
    const replicas = [
      await startService(dialect, { DATABASE_URL }),
      await startService(dialect, { DATABASE_URL }),
    ]
    for (const { client, connect } of clients) {
      const met: string[] = []
      const inTurns: Send = (url, init) => {
        const replica = replicas[met.length % replicas.length]?.url ?? ''
        met.push(replica)
        return fetch(new URL(new URL(url).pathname, replica), init)
      }
      const assistant = await connect('http://balancer.example', await tokenOf(client), inTurns)
      await assistant.listTools()
      const added = await assistant.call('add_task', { title: client })
      const { structuredContent } = await assistant.call('list_tasks')
      expect(structuredContent).toEqual({ tasks: [added.structuredContent], has_more: false })
      expect(new Set(met).size).toBe(2)
    }
  },
  30_000,
)
