import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Authenticated } from '../auth/plugin'
import { apiErrors, responses } from '../openapi/responses'
import { NoQuery } from '../schemas/parameters'

const Me = Type.Object(
  { user_id: Type.String({ description: 'The authenticated user.', examples: ['user-1'] }) },
  { $id: 'Me' },
)

/** The authenticated user. */
export const meRoutes = (authenticated: Authenticated) =>
  new Elysia({ prefix: '/api/me', tags: ['Users'] })
    .use(authenticated)
    .get('', ({ userId }) => ({ user_id: userId }), {
      query: NoQuery,
      response: responses({ 200: Me }, apiErrors),
      detail: { operationId: 'getMe', summary: 'Get the authenticated user' },
    })
