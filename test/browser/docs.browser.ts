import { expect, it, setDefaultTimeout } from 'bun:test'
import { chromium, type Page } from 'playwright-core'
import { builtBinary } from '../support/binary'
import { cleanUp } from '../support/cleanup'
import { freshDatabase, temporaryFolder } from '../support/databases'
import { startPrefixProxy } from '../support/prefix-proxy'
import { startProgram } from '../support/program'
import { startService } from '../support/service'
import { secret, tokenOf } from '../support/tokens'
import { chromiumOptions } from './chromium'

setDefaultTimeout(30_000)

const openDocs = async (url: string, path = '/docs') => {
  const browser = await chromium.launch(chromiumOptions)
  cleanUp(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } })
  const foreign: string[] = []
  const errors: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) foreign.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(url + path)
  await page.getByRole('button', { name: 'Authorize' }).waitFor()
  return { page, foreign, errors }
}

/** Adds a task of Alice's as a reader of the page does. */
const addTask = async (page: Page) => {
  await page.getByRole('button', { name: 'Authorize' }).click()
  await page.locator('.auth-container input').fill(await tokenOf('alice'))
  await page.locator('.auth-btn-wrapper .authorize').click()
  await page.locator('.auth-btn-wrapper .btn-done').click()

  const operation = page.locator('.opblock-post', { hasText: 'Add a task' })
  await operation.locator('.opblock-summary').click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  await operation.locator('.live-responses-table .response-col_status', { hasText: '201' }).waitFor()
}

it.each(['source', 'binary'])(
  '/docs from the %s takes a token and adds a task, all by itself',
  async (form) => {
    const environment = { DATABASE_URL: await freshDatabase('SQLite'), BETTER_AUTH_SECRET: secret }
    const options = form === 'binary' ? { command: [await builtBinary()], cwd: temporaryFolder() } : {}
    const { url, client } = await startProgram(environment, options)
    await client.until('/health', 200)
    const { page, foreign, errors } = await openDocs(url)

    await addTask(page)
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT })

    const authorization = `Bearer ${await tokenOf('alice')}`
    const { body } = await client.get('/api/tasks', { authorization })
    expect(body.data).toHaveLength(1)
    expect({ foreign, errors }).toEqual({ foreign: [], errors: [] })
  },
)

it.each(['/docs', '/docs/', '/'])(
  '%s works behind a proxy that strips a prefix, and asks for nothing outside of it',
  async (path) => {
    const service = await startService('SQLite')
    const url = startPrefixProxy(service.url, '/apps/todo')
    const { page, foreign, errors } = await openDocs(url, path)
    await addTask(page)
    const alice = await service.as('alice')
    expect((await alice.get('/api/tasks')).body.data).toHaveLength(1)
    expect({ foreign, errors }).toEqual({ foreign: [], errors: [] })
  },
)
