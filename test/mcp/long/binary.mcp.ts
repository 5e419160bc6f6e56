import { expect, it } from 'bun:test'
import { builtBinary } from '../../support/binary'
import { freshDatabase, temporaryFolder } from '../../support/databases'
import { startProgram } from '../../support/program'
import { secret, tokenOf } from '../../support/tokens'
import { clients } from '../support/clients'

it('the binary serves every client', async () => {
  const program = await startProgram(
    { DATABASE_URL: await freshDatabase('SQLite'), BETTER_AUTH_SECRET: secret },
    { command: [await builtBinary()], cwd: temporaryFolder() },
  )
  for (const { version, connect } of clients) {
    const assistant = await connect(program.url, await tokenOf('alice'))
    expect(assistant.version).toBe(version)
    expect(await assistant.listTools()).toHaveLength(6)
    const added = await assistant.call('add_task', { title: 'Milk' })
    expect(added.structuredContent).toMatchObject({ title: 'Milk', user_id: 'alice' })
    expect(await assistant.call('add_task', { title: 1 })).toMatchObject({ isError: true })
  }
})
