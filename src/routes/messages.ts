import { Elysia } from 'elysia'
import type { Authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { found } from '../errors'
import { Message, MessagePage, MessageQuery, NewMessage, toMessagePage } from '../models/message'
import { apiErrors, bodyErrors, responses } from '../openapi/responses'
import { IdPath, NoQuery } from '../schemas/parameters'
import { conversationNotFound } from '../stores/conversations'
import { createMessageStore } from '../stores/messages'

/** The messages of a user's conversation. */
export const messageRoutes = (database: Database, authenticated: Authenticated) => {
  const messagesOf = createMessageStore(database)

  return new Elysia({ prefix: '/api/conversations/:id/messages', tags: ['Messages'] })
    .use(authenticated)
    .get(
      '',
      async ({ userId, params, query }) => {
        const messages = await messagesOf(userId, params.id).list(query)
        return toMessagePage(found(messages, conversationNotFound), query)
      },
      {
        params: IdPath,
        query: MessageQuery,
        response: responses({ 200: MessagePage }, [...apiErrors, 404]),
        detail: { operationId: 'listMessages', summary: 'List messages, oldest first' },
      },
    )
    .post(
      '',
      async ({ userId, params, body, status }) =>
        status(201, found(await messagesOf(userId, params.id).add(body), conversationNotFound)),
      {
        params: IdPath,
        query: NoQuery,
        body: NewMessage,
        response: responses({ 201: Message }, [...apiErrors, ...bodyErrors, 404]),
        detail: { operationId: 'addMessage', summary: 'Add a message' },
      },
    )
}
