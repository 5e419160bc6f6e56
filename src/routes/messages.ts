import { Elysia } from 'elysia'
import type { Authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { validate } from '../http/validate'
import { apiErrors, bodyErrors, responses } from '../openapi/responses'
import { tag } from '../openapi/tag'
import { IdPath } from '../schemas/id'
import { Message, MessagePage, NewMessage } from '../schemas/message'
import { FollowablePageQuery, toFollowablePage } from '../schemas/page'
import { conversationNotFound } from '../stores/conversations'
import { createMessageStore } from '../stores/messages'

/** The messages of a user's conversation. */
export const messageRoutes = (database: Database, authenticated: Authenticated) => {
  const messagesOf = createMessageStore(database)

  return new Elysia({
    name: 'messages',
    prefix: '/api/conversations/:id/messages',
    detail: { ...tag('Messages', 'The messages of a conversation.'), security: [{ bearer: [] }] },
  })
    .use(authenticated)
    .get(
      '',
      async ({ userId, params, query }) => {
        const messages = await messagesOf(userId, params.id).list(query)
        if (!messages) throw conversationNotFound()
        return toFollowablePage(messages, query)
      },
      {
        ...validate({ params: IdPath, query: FollowablePageQuery }),
        response: responses({ 200: MessagePage }, [...apiErrors, 404, 422]),
        detail: { operationId: 'listMessages', summary: 'List messages, oldest first' },
      },
    )
    .post(
      '',
      async ({ userId, params, body, status }) => {
        const message = await messagesOf(userId, params.id).add(body)
        if (!message) throw conversationNotFound()
        return status(201, message)
      },
      {
        ...validate({ params: IdPath, body: NewMessage }),
        response: responses({ 201: Message }, [...apiErrors, ...bodyErrors, 404]),
        detail: { operationId: 'addMessage', summary: 'Add a message' },
      },
    )
}
