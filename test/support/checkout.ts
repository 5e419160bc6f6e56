import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from './databases'
import { root } from './program'

/** A checkout as a stranger has it after `bun install`, for the time of a test. */
export const checkOut = async () => {
  const folder = temporaryFolder()
  for (const name of ['src', 'package.json', 'tsconfig.json', 'bunfig.toml', '.env.example'])
    await cp(join(root, name), join(folder, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
