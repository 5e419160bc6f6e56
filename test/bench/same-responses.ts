import { isDeepStrictEqual } from 'node:util'
import type { Task } from './floor/store'
import type { Server } from './kit/servers'
import { signToken } from './kit/token'
import { benchUser, type Servers, serverNames } from './servers-under-test'

const lists = ['', '?limit=20', '?limit=20&completed=true', '?limit=20&completed=false'].map(
  (query) => `/api/tasks${query}`,
)

/** With characters that JSON has to escape, and some that are not Latin-1. */
const newTasks = [
  { title: 'Buy milk', description: 'Two litres, and a loaf of bread' },
  { title: 'Quote "this" \\ and\nthat', description: 'καφές ☕', completed: true },
  { title: 'No description', description: null },
]

const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** A new task but for its times, which no two servers share. Throws if they are not of the form of a time. */
const withoutTimes = ({ created_at, updated_at, ...task }: Task) => {
  if (!timeForm.test(created_at) || created_at !== updated_at)
    throw new Error(`task ${task.id} has the times ${created_at} and ${updated_at}`)
  return task
}

const get = async ({ url }: Server, path: string, authorization = '') => {
  const answer = await fetch(url + path, { headers: { authorization } })
  return { status: answer.status, body: await answer.json() }
}

/** Adds tasks, and returns the answers to that and the tasks that are there then. */
const addAll = async (server: Server, authorization: string) => {
  const headers = { authorization, 'content-type': 'application/json' }
  const added: unknown[] = []
  for (const task of newTasks) {
    const request = { method: 'POST', headers, body: JSON.stringify(task) }
    const answer = await fetch(`${server.url}/api/tasks`, request)
    const location = answer.headers.get('location')
    added.push({ status: answer.status, location, task: withoutTimes((await answer.json()) as Task) })
  }
  const { body } = await get(server, '/api/tasks', authorization)
  const { data, next_cursor } = body as { data: Task[]; next_cursor: unknown }
  return { added, next_cursor, listed: data.map(withoutTimes) }
}

/**
 * Throws unless all servers answer the same, since otherwise they would not do the same work. What it adds belongs
 * to a user of its own.
 */
export const checkSameResponses = async (servers: Servers) => {
  const compare = async (what: string, ask: (server: Server) => Promise<unknown>) => {
    const expected = await ask(servers.floor)
    for (const name of serverNames)
      if (name !== 'floor' && !isDeepStrictEqual(await ask(servers[name]), expected))
        throw new Error(`floor and ${name} differ on ${what}`)
  }

  const authorization = `Bearer ${await signToken(benchUser)}`
  for (const path of ['/health', ...lists]) await compare(path, (server) => get(server, path, authorization))
  const forged = `${authorization.slice(0, -8)}AAAAAAAA`
  for (const refused of ['', forged])
    await compare(`"${refused}"`, async (server) => (await get(server, '/api/tasks', refused)).status)
  const another = `Bearer ${await signToken('another-user')}`
  await compare('adding tasks', (server) => addAll(server, another))
}
