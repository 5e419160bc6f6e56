import { expect, it } from 'bun:test'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/databases'
import { root } from '../../support/program'
import { startService } from '../../support/service'
import { tokenOf } from '../../support/tokens'
import { startTokenProxy } from '../support/token-proxy'

const suite = join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')

it.each(['2026-07-28', '2025-11-25'])(
  '/mcp passes the official conformance suite of revision %s, except for the expected failures',
  async (revision) => {
    const { url } = await startService('SQLite')
    const proxy = await startTokenProxy(url, await tokenOf('alice'))
    const child = Bun.spawn(
      [
        ...['bun', '--no-env-file', '--bun', suite, 'server', '--url', `${proxy}/mcp`],
        ...['--requirements', revision],
        ...['--expected-failures', join(import.meta.dir, `conformance.${revision}.yml`)],
      ],
      { cwd: temporaryFolder(), stdout: 'pipe', stderr: 'pipe' },
    )
    const [output, errors, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    if (code !== 0) throw new Error(`${output}\n${errors}`)
    expect(output).toContain('Baseline check passed')
  },
)
