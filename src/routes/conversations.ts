import { Elysia } from 'elysia'
import type { Authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { found } from '../errors'
import { locationOf } from '../http/headers'
import { Conversation, ConversationPage } from '../models/conversation'
import { apiErrors, noContent, responses } from '../openapi/responses'
import { PageQuery, toPage } from '../schemas/page'
import { IdPath, NoQuery } from '../schemas/parameters'
import { conversationNotFound, createConversationStore } from '../stores/conversations'

/** A user's conversations with the assistant. */
export const conversationRoutes = (database: Database, authenticated: Authenticated) => {
  const conversationsOf = createConversationStore(database)

  return new Elysia({ prefix: '/api/conversations', tags: ['Conversations'] })
    .use(authenticated)
    .get('', async ({ userId, query }) => toPage(await conversationsOf(userId).list(query)), {
      query: PageQuery,
      response: responses({ 200: ConversationPage }, apiErrors),
      detail: { operationId: 'listConversations', summary: 'List conversations, newest first' },
    })
    .post(
      '',
      async ({ userId, path, set, status }) => {
        const conversation = await conversationsOf(userId).add()
        set.headers.location = locationOf(path, conversation.id)
        return status(201, conversation)
      },
      {
        query: NoQuery,
        response: responses({ 201: Conversation }, apiErrors),
        detail: { operationId: 'addConversation', summary: 'Start a conversation' },
      },
    )
    .get(
      '/:id',
      async ({ userId, params }) =>
        found(await conversationsOf(userId).find(params.id), conversationNotFound),
      {
        params: IdPath,
        query: NoQuery,
        response: responses({ 200: Conversation }, [...apiErrors, 404]),
        detail: { operationId: 'getConversation', summary: 'Get a conversation' },
      },
    )
    .delete(
      '/:id',
      async ({ userId, params, status }) => {
        found(await conversationsOf(userId).remove(params.id), conversationNotFound)
        return status(204, undefined)
      },
      {
        params: IdPath,
        query: NoQuery,
        response: responses({ 204: noContent }, [...apiErrors, 404]),
        detail: { operationId: 'deleteConversation', summary: 'Delete a conversation and its messages' },
      },
    )
}
