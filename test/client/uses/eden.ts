import { treaty } from '@elysiajs/eden'
import type {
  App,
  Conversation,
  Message,
  NewMessage,
  NewTask,
  Problem,
  Task,
  TaskChange,
} from '../../../src/client'

/**
 * Uses of the typed client, right and wrong: it compiles only if each wrong one is an error. It is compiled
 * here, and by projects of others with the package of the client in place of its source.
 */
export const useClient = async (url: string, token: string) => {
  const headers = { authorization: `Bearer ${token}` }
  const { api, health } = treaty<App>(url, { headers, parseDate: false })

  const { data: task, error } = await api.tasks.post({ title: 'Milk', description: null, completed: false })
  if (error) throw new Error(error.value.detail)
  const id: number = task.id
  const description: string | null = task.description
  const createdAt: string = task.created_at
  // @ts-expect-error an id is a number
  const textualId: string = task.id
  // @ts-expect-error a description may be null
  const requiredDescription: string = task.description
  // @ts-expect-error a task has no such field
  const unknownField: unknown = task.nothing

  const page = await api.tasks.get({ query: { completed: false, limit: 20 } })
  const titles: string[] | undefined = page.data?.data.map(({ title }) => title)
  const cursor: string | null | undefined = page.data?.next_cursor
  const changed = await api.tasks({ id }).patch({ completed: true })
  const isCompleted: boolean | undefined = changed.data?.completed
  const unchanged = await api.tasks({ id }).patch({})
  const problems: { in: 'body' | 'path' | 'query'; path: string; message: string }[] | undefined =
    unchanged.error?.value.errors
  const status: 'about:blank' | undefined = unchanged.error?.value.type
  // @ts-expect-error Elysia's own shape of errors is never sent
  const ofElysia: unknown = unchanged.error?.value.property
  if (unchanged.error?.status === 404) throw new Error(unchanged.error.value.title)
  // @ts-expect-error no route answers with this status
  if (unchanged.error?.status === 418) throw new Error('a teapot')

  const me = await api.me.get()
  const user: string | undefined = me.error ? me.error.value.detail : me.data.user_id
  const conversation = await api.conversations.post()
  if (conversation.error) throw new Error(conversation.error.value.detail)
  const { messages } = api.conversations({ id: conversation.data.id })
  const message = await messages.post({ role: 'user', content: 'Hi' })
  const role: 'user' | 'assistant' | undefined = message.data?.role
  const { data: condition } = await health.get()
  const database: 'connected' | 'disconnected' | undefined = condition?.database
  await api.tasks({ id }).delete()
  const missing = await api.tasks({ id }).get()

  // The package names the rows, and what may be sent.
  const rows: [Task, Conversation, Message | null] = [task, conversation.data, message.data]
  const sent: [NewTask, TaskChange, NewMessage] = [
    { title: rows[0].title },
    { description: null },
    { role: 'user', content: 'Hi' },
  ]
  const problem: Problem | undefined = missing.error?.value
  // @ts-expect-error a task has no such field
  const { nothing } = rows[0]
  // @ts-expect-error a title is required
  const untitled: NewTask = { completed: true }

  const neverSent = () => [
    // @ts-expect-error the field is called title
    api.tasks.post({ name: 'Milk' }),
    // @ts-expect-error a title is a string
    api.tasks.post({ title: 3 }),
    // @ts-expect-error a title is required
    api.tasks.post({}),
    // @ts-expect-error a limit is a number
    api.tasks.get({ query: { limit: '20' } }),
    // @ts-expect-error it is true or false
    api.tasks.get({ query: { completed: 'true' } }),
    // @ts-expect-error there is no such filter
    api.tasks.get({ query: { nothing: true } }),
    // @ts-expect-error there are two roles
    messages.post({ role: 'system', content: 'Hi' }),
    // @ts-expect-error messages cannot be deleted
    messages.delete(),
    // @ts-expect-error there is no such resource
    api.nothing.get(),
  ]

  return {
    seen: { id, description, createdAt, titles, cursor, isCompleted, problems, status, user, role, database },
    missing: missing.error,
    unused: {
      rows,
      sent,
      problem,
      nothing,
      untitled,
      textualId,
      requiredDescription,
      unknownField,
      ofElysia,
      neverSent,
    },
  }
}
