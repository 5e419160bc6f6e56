import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { name, version } from '../../package.json'

// Writes the package that types clients in TypeScript: one file of declarations, which reach no source.

const root = resolve(import.meta.dir, '../..')
const folder = join(root, 'dist/client')
const archive = join(root, `dist/${name}-client.tgz`)

const manifest = {
  name: `${name}-client`,
  version,
  description: `The types of ${name}, for Eden`,
  types: './index.d.ts',
  exports: { '.': { types: './index.d.ts' } },
  files: ['index.d.ts'],
  peerDependencies: { '@elysiajs/eden': '^1.4.0', elysia: '^1.4.0' },
}

const declarations = mkdtempSync(join(tmpdir(), `${name}-client-`))
try {
  await Bun.$`bun run tsc -p src/client --outDir ${declarations}`.cwd(root)
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(declarations, 'src/client/index.d.ts'), join(folder, 'index.d.ts'))
  await Bun.write(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await Bun.$`bun pm pack --quiet --filename ${archive}`.cwd(folder)
} finally {
  rmSync(declarations, { recursive: true })
}
