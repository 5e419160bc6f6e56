import { Elysia } from 'elysia'
import type { Authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { refuseLarge } from '../http/body'
import { validate } from '../http/validate'
import { apiErrors, noContent, responses } from '../openapi/responses'
import { tag } from '../openapi/tag'
import { Conversation, ConversationPage } from '../schemas/conversation'
import { IdPath } from '../schemas/id'
import { PageQuery, toPage } from '../schemas/page'
import { conversationNotFound, createConversationStore } from '../stores/conversations'

/** A user's conversations with the assistant. */
export const conversationRoutes = (database: Database, authenticated: Authenticated) => {
  const conversationsOf = createConversationStore(database)

  return new Elysia({
    name: 'conversations',
    prefix: '/api/conversations',
    detail: {
      ...tag('Conversations', 'A user’s conversations with the assistant.'),
      security: [{ bearer: [] }],
    },
  })
    .use(authenticated)
    .get('', async ({ userId, query }) => toPage(await conversationsOf(userId).list(query)), {
      ...validate({ query: PageQuery }),
      response: responses({ 200: ConversationPage }, [...apiErrors, 422]),
      detail: { operationId: 'listConversations', summary: 'List conversations, newest first' },
    })
    .post(
      '',
      async ({ userId, set, status }) => {
        const conversation = await conversationsOf(userId).add()
        set.headers.location = `/api/conversations/${conversation.id}`
        return status(201, conversation)
      },
      {
        transform: refuseLarge,
        response: responses({ 201: Conversation }, [...apiErrors, 413]),
        detail: { operationId: 'addConversation', summary: 'Start a conversation' },
      },
    )
    .get(
      '/:id',
      async ({ userId, params }) => {
        const conversation = await conversationsOf(userId).find(params.id)
        if (!conversation) throw conversationNotFound()
        return conversation
      },
      {
        ...validate({ params: IdPath }),
        response: responses({ 200: Conversation }, [...apiErrors, 404, 422]),
        detail: { operationId: 'getConversation', summary: 'Get a conversation' },
      },
    )
    .delete(
      '/:id',
      async ({ userId, params, status }) => {
        if (!(await conversationsOf(userId).remove(params.id))) throw conversationNotFound()
        return status(204, undefined)
      },
      {
        ...validate({ params: IdPath }),
        response: responses({ 204: noContent }, [...apiErrors, 404, 422]),
        detail: { operationId: 'deleteConversation', summary: 'Delete a conversation and its messages' },
      },
    )
}
