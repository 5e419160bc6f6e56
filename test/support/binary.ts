import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './program'

let built: Promise<string> | undefined
let folder: string | undefined

const build = async () => {
  folder = mkdtempSync(join(tmpdir(), 'todo-binary-'))
  const binary = join(folder, 'todo-backend')
  // Of two options of that name the last one counts.
  await Bun.$`bun run build --outfile=${binary}`.cwd(root).quiet()
  return binary
}

/** The path of the binary that ships, built by the very command that builds it, once for all tests. */
export const builtBinary = () => {
  built ??= build()
  return built
}

export const removeBinary = () => {
  if (folder) rmSync(folder, { recursive: true, force: true })
  folder = undefined
  built = undefined
}
