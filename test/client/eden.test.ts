import { describe, expect, it } from 'bun:test'
import { treaty } from '@elysiajs/eden'
import type { App } from '../../src/app'
import { startService } from '../support/service'
import { tokenOf } from '../support/tokens'

describe('the typed client', () => {
  it('makes, changes, lists and removes a task', async () => {
    const { url } = await startService('SQLite')
    const headers = { authorization: `Bearer ${await tokenOf('alice')}` }
    const { api } = treaty<App>(url, { headers, parseDate: false })

    const { data: made, status } = await api.tasks.post({ title: 'Milk' })
    expect(status).toBe(201)
    const id = made?.id ?? 0
    const { data: changed } = await api.tasks({ id }).patch({ completed: true })
    const title: string | undefined = changed?.title
    expect(title).toBe('Milk')
    const { data: page } = await api.tasks.get({ query: { completed: true, limit: 10 } })
    expect(page).toEqual({ data: [changed as NonNullable<typeof changed>], next_cursor: null })
    expect((await api.tasks({ id }).delete()).status).toBe(204)
    const { error } = await api.tasks({ id }).get()
    expect(error?.status as number).toBe(404)
  })

  it('walks conversations and messages', async () => {
    const { url } = await startService('SQLite')
    const headers = { authorization: `Bearer ${await tokenOf('alice')}` }
    const { api, health } = treaty<App>(url, { headers, parseDate: false })
    const { data: conversation } = await api.conversations.post()
    const id = conversation?.id ?? 0
    const { data: message } = await api.conversations({ id }).messages.post({ role: 'user', content: 'Hi' })
    expect(message?.role).toBe('user')
    const { data: page } = await api.conversations({ id }).messages.get({ query: {} })
    expect(page?.data.map(({ content }) => content)).toEqual(['Hi'])
    expect((await health.get()).data?.status).toBe('healthy')
  })

  it('does not compile with a wrong field', async () => {
    const { url } = await startService('SQLite')
    const { api } = treaty<App>(url)
    // The type checker fails where one of these lines is not an error.
    // @ts-expect-error the field is called title
    const misnamed = api.tasks.post({ name: 'Milk' })
    // @ts-expect-error a title is a text
    const mistyped = api.tasks.post({ title: 3 })
    // @ts-expect-error nobody but these two speaks
    const system = api.conversations({ id: 1 }).messages.post({ role: 'system', content: 'Hi' })
    const answers = await Promise.all([misnamed, mistyped, system])
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
  })
})
