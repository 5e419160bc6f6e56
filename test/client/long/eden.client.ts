import { describe, expect, it } from 'bun:test'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../support/program'
import { startService } from '../../support/service'
import { tokenOf } from '../../support/tokens'
import { complete, createFolders, documented, run, write } from './support'
import { type Template, templates } from './templates'

const { eden } = await documented()

const manifestOf = ({ devDependencies }: Template) => ({ name: 'web', type: 'module', devDependencies })

/** The program of the README and the uses of the client, as files of a project. */
const programs = async ({ source }: Template) => {
  const { url } = await startService('SQLite')
  const uses = await readFile(join(root, 'test/client/uses/eden.ts'), 'utf8')
  return {
    [`${source}/main.ts`]: complete(eden.program, url, await tokenOf('alice')),
    [`${source}/uses.ts`]: uses.replace('../../../src/client', 'todo-backend-client'),
  }
}

const createProject = async (template: Template) => {
  const { folder, service, web } = await createFolders()
  await symlink(join(root, 'node_modules'), join(service, 'node_modules'))
  await write(web, { 'package.json': manifestOf(template), [template.project]: template.tsconfig })
  return { folder, service, web }
}

const compile = (folder: string, { project }: Template) => run(`bun run tsc -p ${project}`, folder)

/** Runs the program of the README, which adds a task, completes it and lists it. */
const callService = async (folder: string, { source }: Template) => {
  const page = JSON.parse(await run(`bun ${source}/main.ts`, folder))
  expect(page.data).toMatchObject([{ id: 1, title: 'Buy milk', completed: true }])
}

describe.each(templates)('the client in a project of $name', (template) => {
  it('is typed exactly, and brings nothing but declarations', async () => {
    const { service, web } = await createProject(template)
    await run(eden.commands, service)
    const packed = await run('tar -tzf dist/todo-backend-client.tgz', service)
    expect(packed.trim().split('\n').sort()).toEqual(['package/index.d.ts', 'package/package.json'])
    await write(web, await programs(template))
    await compile(web, template)
    await callService(web, template)
  })
})

describe('the package of the client', () => {
  const [template] = templates as [Template]

  it('replaces the one that is installed when it is added again', async () => {
    const { service, web } = await createProject(template)
    await run(eden.commands, service)
    const schema = join(service, 'src/routes/health.ts')
    const text = await readFile(schema, 'utf8')
    await writeFile(schema, text.replace(`Type.Literal('alive')`, '$&, since: Type.Optional(Type.String())'))
    await run(eden.commands, service)
    const declarations = await readFile(join(web, 'node_modules/todo-backend-client/index.d.ts'), 'utf8')
    expect(declarations).toMatch(/status: "alive";\s+since\?: string/)
  })

  it('works in a workspace of which the service is a member, with another Elysia than its own', async () => {
    const { folder, service, web } = await createFolders()
    await write(folder, { 'package.json': { name: 'root', workspaces: ['todo-backend', 'web'] } })
    await write(web, { 'package.json': manifestOf(template), [template.project]: template.tsconfig })
    await run('bun install', folder)
    await run(eden.commands.replace(/ elysia@\S+/, ' elysia@1.4.28'), service)
    await write(web, await programs(template))
    await compile(web, template)
    await callService(web, template)
  })

  it('can be installed by npm', async () => {
    const { service, web } = await createProject(template)
    await run(eden.commands.replace('bun add', 'npm install --silent'), service)
    await write(web, await programs(template))
    await compile(web, template)
    await callService(web, template)
  })
})

it('the README names the versions that are tested', async () => {
  const { dependencies, devDependencies } = await Bun.file(join(root, 'package.json')).json()
  expect(eden.commands).toContain(`elysia@${dependencies.elysia} `)
  expect(eden.commands).toContain(`@elysiajs/eden@${devDependencies['@elysiajs/eden']}\n`)
})
