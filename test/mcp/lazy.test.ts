import { expect, it } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/program'

const transpiler = new Bun.Transpiler({ loader: 'ts' })

/** All that is loaded when the service starts: its own files, and the packages that they import. */
const loadedAtStart = () => {
  const files = new Set<string>()
  const packages = new Set<string>()
  const load = (file: string) => {
    if (files.has(file)) return
    files.add(file)
    if (!file.endsWith('.ts')) return
    for (const { path, kind } of transpiler.scanImports(readFileSync(file, 'utf8'))) {
      if (kind === 'dynamic-import') continue
      if (path.startsWith('.')) load(Bun.resolveSync(path, join(file, '..')))
      else packages.add(path)
    }
  }
  load(join(root, 'src/index.ts'))
  return { files: [...files], packages: [...packages] }
}

it('a service that nobody calls through MCP does not load its library', () => {
  const { files, packages } = loadedAtStart()
  expect(files).toContain(join(root, 'src/routes/mcp.ts'))
  expect(packages).toContain('elysia')
  expect(packages.filter((name) => /^(?:@modelcontextprotocol|zod)\b/.test(name))).toEqual([])
})
