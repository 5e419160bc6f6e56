import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const undo: (() => void)[] = []

process.on('exit', () => {
  for (const step of undo.splice(0).reverse())
    try {
      step()
    } catch (error) {
      console.error(error)
    }
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

/** Runs a step when this program ends, however it does: the last registered first. */
export const atExit = (step: () => void) => {
  undo.push(step)
}

/** A folder that is removed when this program ends. */
export const makeFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'todo-bench-'))
  // Postgres refuses to run as root, so another user must be able to pass through.
  chmodSync(folder, 0o755)
  atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
