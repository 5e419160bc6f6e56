import { type AnyElysia, Elysia } from 'elysia'
import styles from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }

/**
 * All addresses are relative, so that the page works behind a proxy that strips a prefix. `root` is the
 * relative address of the folder that holds /docs.
 */
const page = (root: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>todo-backend</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${root}docs/swagger-ui.css">
    <style>body { margin: 0 } .swagger-ui .information-container { padding-top: 0 }</style>
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${root}docs/swagger-ui-bundle.js"></script>
    <script src="${root}docs/start.js"></script>
  </body>
</html>
`

const start = `SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
})
`

/** Everything comes from this service. Swagger UI uses inline styles and data URLs for its icons. */
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"

const asset = (type: string, body: string | Bun.BunFile) =>
  new Response(body, { headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' } })

/** The API description, and a page to read and try it. Both work offline. */
export const documentationRoutes = (app: () => AnyElysia) => {
  let document: string | undefined
  const hidden = { detail: { hide: true } }

  return new Elysia({ name: 'documentation' })
    .get(
      '/openapi.json',
      async () => {
        // Loaded on first use, because it would slow down start-up.
        const { createDocument } = await import('../openapi/document')
        document ??= JSON.stringify(createDocument(app()))
        return new Response(document, { headers: { 'content-type': 'application/json' } })
      },
      hidden,
    )
    .get(
      '/',
      ({ set }) => {
        set.status = 302
        set.headers.location = 'docs'
      },
      hidden,
    )
    .get(
      '/docs',
      ({ request }) =>
        new Response(page(new URL(request.url).pathname.endsWith('/') ? '../' : ''), {
          headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
        }),
      hidden,
    )
    .get('/docs/start.js', () => asset('text/javascript; charset=utf-8', start), hidden)
    .get(
      '/docs/swagger-ui-bundle.js',
      () => asset('text/javascript; charset=utf-8', Bun.file(bundle)),
      hidden,
    )
    .get('/docs/swagger-ui.css', () => asset('text/css; charset=utf-8', Bun.file(styles)), hidden)
}
