import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '../../support/client'
import { createDocumentCheck } from '../../support/documented'
import { root, spawnProgram, startProgram } from '../../support/program'
import { secret, tokenOf } from '../../support/tokens'
import { follow } from './readme'

const left = new Set(['node_modules', '.git', '.env', 'dist', 'data'])

export type Copy = ReturnType<typeof copyRepository>

/** A copy of the repository to change, which outlasts a single test: call `remove` at the end. */
export const copyRepository = () => {
  const folder = mkdtempSync(join(tmpdir(), 'todo-recipe-'))
  cpSync(root, folder, {
    recursive: true,
    filter: (path) => !left.has(path.slice(root.length + 1)),
  })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

  /** Runs a command in the copy; returns its exit code and all that it printed. */
  const run = async (command: string[], environment: Record<string, string> = {}) => {
    const program = spawnProgram(environment, { command, cwd: folder })
    const code = await program.exited()
    return { code, output: program.output() }
  }

  return {
    folder,
    run,
    remove: () => rmSync(folder, { recursive: true, force: true }),
    edit(file: string, change: (text: string) => string) {
      const path = join(folder, file)
      writeFileSync(path, change(readFileSync(path, 'utf8')))
    },
    /** Does what a section of src/README.md says; `filter` selects its steps. */
    follow: (section: string, filter?: (step: string) => boolean) => follow(folder, section, filter),
    /** Runs a service of the copy until the end of the test, and compares its responses with its description. */
    async serve(url: string) {
      const program = await startProgram(
        { DATABASE_URL: url, BETTER_AUTH_SECRET: secret },
        { command: ['bun', '--no-env-file', 'src/index.ts'], cwd: folder },
      )
      await program.client.until('/health', 200)
      const { body: description } = await program.client.get('/openapi.json')
      const check = createDocumentCheck(description)
      const as = async (user: string) =>
        createClient(program.url, { authorization: `Bearer ${await tokenOf(user)}` }, check)
      return { ...program, description, as }
    },
  }
}
