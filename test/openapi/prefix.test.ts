import { describe, expect, it } from 'bun:test'
import { startPrefixProxy } from '../support/prefix-proxy'
import { startService } from '../support/service'

const startBehindProxy = async () => {
  const service = await startService('SQLite')
  return startPrefixProxy(service.url, '/apps/todo')
}

describe('behind a proxy that strips a prefix', () => {
  it.each(['/docs', '/docs/', '/'])('%s leads to a page whose parts are all found', async (path) => {
    const url = await startBehindProxy()
    const page = await fetch(url + path)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const html = await page.text()
    const parts = [...html.matchAll(/(?:href|src)="((?!data:)[^"]+)"/g)].map(([, part = '']) => part)
    expect(parts).toHaveLength(3)
    for (const part of parts) {
      const { href } = new URL(part, page.url)
      expect([href, (await fetch(href)).status]).toEqual([expect.stringContaining(`${url}/docs/`), 200])
    }
  })

  it('the description names a server whose paths are found', async () => {
    const url = await startBehindProxy()
    const description = await fetch(`${url}/openapi.json`)
    const { servers } = (await description.json()) as { servers: { url: string }[] }
    expect(servers).toHaveLength(1)
    const { href } = new URL(servers[0]?.url ?? '', description.url)
    expect(href).toBe(`${url}/`)
    expect((await fetch(`${href}health`)).status).toBe(200)
  })
})

describe('the root', () => {
  it.each(['GET', 'HEAD'])('leads to the page, for %s without a token', async (method) => {
    const { url } = await startService('SQLite')
    const root = await fetch(url, { method, redirect: 'manual' })
    expect([root.status, root.headers.get('location')]).toEqual([302, 'docs'])
    const page = await fetch(url, { method })
    expect([page.status, page.url]).toEqual([200, `${url}/docs`])
  })

  it('is counted with its status', async () => {
    const service = await startService('SQLite', { METRICS: 'true' })
    await fetch(service.url, { redirect: 'manual' })
    const { body } = await service.get('/metrics')
    expect(body).toContain('http_requests_total{method="GET",route="/",status="302"} 1')
  })

  it('takes no other method', async () => {
    const service = await startService('SQLite')
    const { status, headers } = await service.post('/', {})
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})
