import { Elysia } from 'elysia'
import type { Authenticate } from '../auth/authenticate'
import { authenticated } from '../auth/plugin'
import { operation } from '../openapi/operation'
import { Me } from '../openapi/schemas'

/** Who the token says that one is. */
export const meRoutes = (authenticate: Authenticate) =>
  new Elysia({ name: 'me', prefix: '/api/me' })
    .use(authenticated(authenticate))
    .get('', ({ userId }) => ({ user_id: userId }), {
      detail: operation({ tag: 'Users', summary: 'Who am I?', gives: { 200: Me } }),
    })
