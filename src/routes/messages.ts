import { Elysia } from 'elysia'
import type { Authenticate } from '../auth/authenticate'
import { authenticated } from '../auth/plugin'
import type { Database } from '../database'
import { noConversation } from '../errors'
import { takes } from '../http/takes'
import { Message, MessagePage, NewMessage } from '../models/message'
import { failures, operation } from '../openapi/operation'
import { IdParameter, toId } from '../schemas/id'
import { FollowablePageQuery, toFollowablePage, toPageRequest } from '../schemas/page'
import { createMessageStore } from '../stores/messages'

/** The messages of a user's conversation. */
export const messageRoutes = (database: Database, authenticate: Authenticate) => {
  const messagesOf = createMessageStore(database)

  return new Elysia({ name: 'messages', prefix: '/api/conversations/:id/messages', normalize: false })
    .use(authenticated(authenticate))
    .get(
      '',
      async ({ userId, params, query }) => {
        const page = toPageRequest(query)
        const messages = await messagesOf(userId, toId(params.id)).list(page)
        if (!messages) throw noConversation()
        return toFollowablePage(messages, page)
      },
      {
        ...takes({ params: IdParameter, query: FollowablePageQuery }),
        detail: operation({
          tag: 'Messages',
          summary: 'List messages, oldest first',
          gives: { 200: MessagePage },
          fails: [404, 422],
        }),
      },
    )
    .post(
      '',
      async ({ userId, params, body, set }) => {
        const message = await messagesOf(userId, toId(params.id)).add(body)
        if (!message) throw noConversation()
        set.status = 201
        return message
      },
      {
        ...takes({ params: IdParameter, body: NewMessage }),
        detail: operation({
          tag: 'Messages',
          summary: 'Add a message',
          gives: { 201: Message },
          fails: [404, ...failures.body],
        }),
      },
    )
}
