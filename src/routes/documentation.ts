import { type AnyElysia, type Context, Elysia } from 'elysia'
import styles from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }

/**
 * All addresses are relative, so that the page works behind a proxy that strips a prefix. `root` is the
 * relative address of the folder that holds /docs.
 */
const page = (root: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>todo-backend</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}docs/swagger-ui.css">
<style>body { margin: 0 } .swagger-ui .information-container { padding-top: 0 }</style>
<div id="swagger-ui"></div>
<script src="${root}docs/swagger-ui-bundle.js"></script>
<script src="${root}docs/start.js"></script>
`

// A token that was entered is not kept: it would outlast the tab.
const start = `SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui', deepLinking: true, tryItOutEnabled: true, displayRequestDuration: true,
})
`

/** Everything comes from this service, and no other page may frame it. Swagger UI has inline styles and icons. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

const send = ({ headers }: Context['set'], type: string, body: string | Bun.BunFile) => {
  headers['content-type'] = `text/${type}; charset=utf-8`
  headers['cache-control'] = 'public, max-age=3600'
  return body
}

/** The API description, and a page to read and try it. Both work offline. */
export const documentationRoutes = (app: () => AnyElysia) => {
  let document: string | undefined
  const readDocument = async () => {
    // Loaded on first use, because it would slow down start-up.
    const { createDocument } = await import('../openapi/document')
    document ??= JSON.stringify(createDocument(app()))
    return document
  }

  return new Elysia({ name: 'documentation', detail: { hide: true } })
    .get('/', ({ set }) => {
      set.status = 302
      set.headers.location = 'docs'
    })
    .get('/openapi.json', ({ set }) => {
      set.headers['content-type'] = 'application/json'
      return readDocument()
    })
    .get('/docs', ({ path, set }) => {
      set.headers['content-security-policy'] = policy
      return send(set, 'html', page(path.endsWith('/') ? '../' : ''))
    })
    .get('/docs/start.js', ({ set }) => send(set, 'javascript', start))
    .get('/docs/swagger-ui-bundle.js', ({ set }) => send(set, 'javascript', Bun.file(bundle)))
    .get('/docs/swagger-ui.css', ({ set }) => send(set, 'css', Bun.file(styles)))
}
