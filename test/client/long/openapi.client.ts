import { expect, it } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../support/program'
import { startService } from '../../support/service'
import { tokenOf } from '../../support/tokens'
import { complete, createFolders, documented, run, write } from './support'
import { templates } from './templates'

it.each(templates)(
  'openapi-typescript and openapi-fetch type a client in a project of $name',
  async (template) => {
    const { openapi } = await documented()
    const { web } = await createFolders()
    const { devDependencies, project, source } = template
    const { url, as } = await startService('SQLite')
    const token = await tokenOf('alice')
    const task = { title: 'Milk', completed: true }
    expect((await (await as('alice')).post('/api/tasks', task)).status).toBe(201)
    await write(web, {
      'package.json': { name: 'web', type: 'module', devDependencies },
      [project]: template.tsconfig,
      [`${source}/main.ts`]: complete(openapi.program, url, token),
      [`${source}/uses.ts`]: await readFile(join(root, 'test/client/uses/openapi.ts.txt'), 'utf8'),
    })
    await run(openapi.commands.replace('http://localhost:8000', url), web)
    if (source !== '.') await run(`mv todo-backend.d.ts ${source}`, web)
    await run(`bun run tsc -p ${project}`, web)
    const page = JSON.parse(await run(`bun ${source}/main.ts`, web))
    expect(page.data).toMatchObject([task])
  },
)
