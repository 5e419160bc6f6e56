import { expect, it } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { root } from '../support/program'
import { sectionOf } from './support/readme'

const files = () => [...new Bun.Glob('src/**/*.ts').scanSync(root)].filter((file) => !file.endsWith('.d.ts'))

/** The layers in their order, from top to bottom, without extensions and slashes at the end. */
const layers = () =>
  [...sectionOf('Layers').matchAll(/^(src\/[\w/-]+?)(?:\/|\.ts) /gm)].map(([, layer = '']) => layer)

/** The modules of this repository that a file imports, without their extensions. */
const importsOf = (file: string) => {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/(?:\bfrom |\bimport |\bimport\()'(\.[^']*)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  )
}

it('each file is in one of the layers of src/README.md, and imports only from it and those below', () => {
  const list = layers()
  const rankOf = (path: string) => list.findIndex((layer) => path === layer || path.startsWith(`${layer}/`))
  const rankOfFile = (file: string) => rankOf(file.replace(/\.ts$/, ''))
  expect(files().filter((file) => rankOfFile(file) < 0)).toEqual([])
  const imports = files().flatMap((file) =>
    importsOf(file).flatMap((path) => (path.startsWith('src/') ? [{ file, path }] : [])),
  )
  expect(imports.length).toBeGreaterThan(files().length)
  expect(imports.filter(({ file, path }) => rankOf(path) < rankOfFile(file))).toEqual([])
})
