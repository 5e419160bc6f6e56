import { Elysia } from 'elysia'
import type { Authenticated } from '../auth/plugin'
import { apiErrors, responses } from '../openapi/responses'
import { tag } from '../openapi/tag'
import { Me } from '../schemas/me'

/** The authenticated user. */
export const meRoutes = (authenticated: Authenticated) =>
  new Elysia({
    name: 'me',
    prefix: '/api/me',
    detail: { ...tag('Users', 'The authenticated user.'), security: [{ bearer: [] }] },
  })
    .use(authenticated)
    .get('', ({ userId }) => ({ user_id: userId }), {
      response: responses({ 200: Me }, apiErrors),
      detail: { operationId: 'getMe', summary: 'Get the authenticated user' },
    })
