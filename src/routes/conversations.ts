import { Elysia } from 'elysia'
import type { Authenticate } from '../auth/authenticate'
import { authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { noConversation } from '../errors'
import { refuseLarge } from '../http/body'
import { takes } from '../http/takes'
import { Conversation, ConversationPage } from '../models/conversation'
import { operation } from '../openapi/operation'
import { IdParameter, toId } from '../schemas/id'
import { PageQuery, toPage, toPageRequest } from '../schemas/page'
import { createConversationStore } from '../stores/conversations'

/** A user's conversations with the assistant. */
export const conversationRoutes = (database: Database, authenticate: Authenticate) => {
  const conversationsOf = createConversationStore(database)

  return new Elysia({ name: 'conversations', prefix: '/api/conversations', normalize: false })
    .use(authenticated(authenticate))
    .get('', async ({ userId, query }) => toPage(await conversationsOf(userId).list(toPageRequest(query))), {
      ...takes({ query: PageQuery }),
      detail: operation({
        tag: 'Conversations',
        summary: 'List conversations, newest first',
        gives: { 200: ConversationPage },
        fails: [422],
      }),
    })
    .post(
      '',
      async ({ userId, set }) => {
        const conversation = await conversationsOf(userId).add()
        set.status = 201
        set.headers.location = `/api/conversations/${conversation.id}`
        return conversation
      },
      {
        transform: refuseLarge,
        detail: operation({
          tag: 'Conversations',
          summary: 'Start a conversation',
          gives: { 201: Conversation },
          fails: [413],
        }),
      },
    )
    .get(
      '/:id',
      async ({ userId, params }) => {
        const conversation = await conversationsOf(userId).find(toId(params.id))
        if (!conversation) throw noConversation()
        return conversation
      },
      {
        ...takes({ params: IdParameter }),
        detail: operation({
          tag: 'Conversations',
          summary: 'Get a conversation',
          gives: { 200: Conversation },
          fails: [404, 422],
        }),
      },
    )
    .delete(
      '/:id',
      async ({ userId, params, set }) => {
        if (!(await conversationsOf(userId).remove(toId(params.id)))) throw noConversation()
        set.status = 204
      },
      {
        ...takes({ params: IdParameter }),
        detail: operation({
          tag: 'Conversations',
          summary: 'Remove a conversation and its messages',
          gives: { 204: null },
          fails: [404, 422],
        }),
      },
    )
}
