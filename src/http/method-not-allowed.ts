import { MethodNotAllowed, NotFound, type Problem } from '../errors'

interface Route {
  method: string
  path: string
}

const trimmed = (path: string) => (path.length > 1 ? path.replace(/\/$/, '') : path)

const matches = (pattern: string, path: string) => {
  const segments = trimmed(path).split('/')
  const expected = trimmed(pattern).split('/')
  return (
    expected.length === segments.length &&
    expected.every((segment, index) =>
      segment.startsWith(':') ? segments[index] !== '' : segment === segments[index],
    )
  )
}

/** The methods that routes may have; GET includes HEAD. */
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Why no route matched a request: its method (RFC 9110, section 15.5.6) or its path. */
export const explainNoMatch = (routes: readonly Route[], path: string): Problem => {
  const here = routes.filter((route) => matches(route.path, path))
  const allowed = methods.filter((method) => here.some((route) => route.method === method))
  if (allowed.length === 0) return new NotFound('This path')
  return new MethodNotAllowed(allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)))
}
