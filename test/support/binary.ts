import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atExit } from './at-exit'
import { root } from './program'

let built: Promise<string> | undefined

const build = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'todo-binary-'))
  atExit(() => rmSync(folder, { recursive: true, force: true }))
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
