import { Elysia } from 'elysia'
import type { Authenticate } from '../auth/authenticate'
import { authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { NotFound } from '../errors'
import { parseLater } from '../http/body'
import { IdParameter, PageQuery, toId, toPage, toPageRequest } from '../http/page'
import { Conversation, ConversationPage } from '../models/conversation'
import { operation } from '../openapi/operation'
import { createConversationStore } from '../stores/conversations'

export const noConversation = () => new NotFound('This conversation')

/** A user's conversations with the assistant. */
export const conversationRoutes = (database: Database, authenticate: Authenticate) => {
  const conversationsOf = createConversationStore(database)

  return new Elysia({ name: 'conversations', prefix: '/api/conversations', normalize: false })
    .use(authenticated(authenticate))
    .get(
      '',
      async ({ userId, query }) => {
        const page = toPageRequest(query)
        return toPage(await conversationsOf(userId).list(page), page)
      },
      {
        query: PageQuery,
        detail: operation({
          tag: 'Conversations',
          summary: 'List conversations, newest first',
          gives: { 200: ConversationPage },
          fails: [422],
        }),
      },
    )
    .post(
      '',
      async ({ userId, set }) => {
        const conversation = await conversationsOf(userId).add()
        set.status = 201
        set.headers.location = `/api/conversations/${conversation.id}`
        return conversation
      },
      {
        parse: parseLater,
        detail: operation({
          tag: 'Conversations',
          summary: 'Start a conversation',
          gives: { 201: Conversation },
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
        params: IdParameter,
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
        params: IdParameter,
        detail: operation({
          tag: 'Conversations',
          summary: 'Remove a conversation and its messages',
          gives: { 204: null },
          fails: [404, 422],
        }),
      },
    )
}
