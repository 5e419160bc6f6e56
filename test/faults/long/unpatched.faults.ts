import { describe, expect, it } from 'bun:test'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { freshDatabase, temporaryFolder } from '../../support/databases'
import { bareEnvironment, root, spawnProgram, startProgram } from '../../support/program'

/** How the service can be part of another installation, whose root package.json is somebody else's. */
const installations = [
  ['a workspace member', { workspaces: ['service'] }, 'service/src/index.ts'],
  [
    'a file: dependency',
    { dependencies: { 'todo-backend': 'file:service' } },
    'node_modules/todo-backend/src/index.ts',
  ],
] as const

const install = async (folder: string, manifest: object) => {
  await Bun.write(join(folder, 'package.json'), JSON.stringify({ name: 'root', private: true, ...manifest }))
  await Bun.$`bun install --production`.cwd(folder).env(bareEnvironment).quiet()
}

describe.each(installations)('the service as %s, in which Bun ignores its patches', (_, manifest, main) => {
  it('refuses Postgres, serves SQLite, and serves Postgres once its message is followed', async () => {
    const folder = temporaryFolder()
    for (const name of ['src', 'patches', 'package.json', 'tsconfig.json'])
      await cp(join(root, name), join(folder, 'service', name), { recursive: true })
    await install(folder, manifest)
    const options = { command: ['bun', join(folder, main)], cwd: folder }
    const postgres = { DATABASE_URL: await freshDatabase('Postgres') }

    const refused = spawnProgram(postgres, options)
    expect(await refused.exited()).toBe(1)
    expect(refused.output()).toContain('Postgres cannot be used: ')
    const onSQLite = await startProgram({ DATABASE_URL: ':memory:' }, options)
    await onSQLite.client.until('/health', 200)

    const advice = refused.output().match(/^ *("patchedDependencies": .*)$/m)?.[1] ?? ''
    const followed = JSON.parse(`{${advice.replace('path/to/this/service', 'service')}}`)
    await install(folder, { ...manifest, ...followed })
    const onPostgres = await startProgram(postgres, options)
    await onPostgres.client.until('/health', 200)
  })
})
