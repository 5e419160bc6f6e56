import { afterAll, beforeAll, expect, it, setDefaultTimeout } from 'bun:test'
import { type Browser, chromium } from 'playwright-core'
import { startBetterAuth } from '../support/better-auth'
import { cleanUp } from '../support/cleanup'
import { startService } from '../support/service'
import { chromiumOptions } from './chromium'

setDefaultTimeout(30_000)

let browser: Browser
let script: string

beforeAll(async () => {
  const built = await Bun.build({ entrypoints: [`${import.meta.dir}/page.ts`], target: 'browser' })
  script = (await built.outputs[0]?.text()) ?? ''
  browser = await chromium.launch(chromiumOptions)
})

afterAll(() => browser.close())

/** A front end on an origin of its own. */
const servePage = () => {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: ({ url }) =>
      new URL(url).pathname === '/page.js'
        ? new Response(script, { headers: { 'content-type': 'text/javascript' } })
        : new Response(
            '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
            {
              headers: { 'content-type': 'text/html' },
            },
          ),
  })
  cleanUp(() => server.stop(true))
  return `http://localhost:${server.port}`
}

const visit = async (origin: string, issuer: string, api: string, kind: 'signUp' | 'signIn') => {
  const context = await browser.newContext()
  cleanUp(() => context.close())
  const page = await context.newPage()
  await page.goto(`${origin}/?${new URLSearchParams({ issuer, api })}`)
  await page.waitForFunction('globalThis.visit')
  return page.evaluate(`visit('${kind}')`)
}

it.each(['jwks', 'hs256'] as const)(
  'a page of a listed origin signs in and stores a task with %s, one of another origin cannot',
  async (kind) => {
    const listed = servePage()
    const unlisted = servePage()
    // Both origins may sign in, so that what keeps the second one out is this service alone.
    const issuer = await startBetterAuth({ kind }, [listed, unlisted])
    const service = await startService('SQLite', {
      CORS_ORIGINS: listed,
      ...(kind === 'jwks' && {
        BETTER_AUTH_JWKS_URL: issuer.jwksUrl,
        BETTER_AUTH_ISSUER: issuer.url,
        BETTER_AUTH_AUDIENCE: issuer.url,
      }),
    })
    expect(await visit(listed, issuer.url, service.url, 'signUp')).toEqual({
      user: expect.any(String),
      status: 201,
      location: 'tasks/1',
      tasks: [expect.objectContaining({ title: 'Made in a browser' })],
    })
    expect(await visit(unlisted, issuer.url, service.url, 'signIn')).toEqual({
      failed: 'TypeError: Failed to fetch',
    })
    expect(await visit(listed, issuer.url, service.url, 'signIn')).toMatchObject({
      status: 201,
      location: 'tasks/2',
    })
  },
)
