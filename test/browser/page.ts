import { createAuthClient } from 'better-auth/client'
import { jwtClient } from 'better-auth/client/plugins'

declare const location: { search: string }

/** The page of a front end: signs in with Better Auth's own client and calls the API with its token. */
const { issuer = '', api = '' } = Object.fromEntries(new URLSearchParams(location.search))
const auth = createAuthClient({ baseURL: issuer, plugins: [jwtClient()] })

const visit = async (kind: 'signUp' | 'signIn') => {
  const credentials = { email: 'ann@example.com', password: 'correct horse battery' }
  const { data: session } =
    kind === 'signUp'
      ? await auth.signUp.email({ name: 'Ann', ...credentials })
      : await auth.signIn.email(credentials)
  const { data } = await auth.token()
  if (!session || !data) return { failed: 'sign-in' }
  const authorization = `Bearer ${data.token}`
  try {
    const made = await fetch(`${api}/api/tasks`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Made in a browser' }),
    })
    const listed = await fetch(`${api}/api/tasks`, { headers: { authorization } })
    const { data: tasks } = (await listed.json()) as { data: unknown[] }
    return { user: session.user.id, status: made.status, location: made.headers.get('location'), tasks }
  } catch (error) {
    return { failed: String(error) }
  }
}

Object.assign(globalThis, { visit })
