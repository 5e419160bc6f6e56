import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atExit } from '../../support/at-exit'

/** A folder that is removed when this program ends. */
export const makeFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'todo-bench-'))
  atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
