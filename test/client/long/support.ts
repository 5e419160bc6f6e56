import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/databases'
import { bareEnvironment, root } from '../../support/program'

const fenced = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block ?? '')

/** The commands and the program that the README shows for each kind of client. */
export const documented = async () => {
  const [readme, others] = await Promise.all(
    ['README.md', 'src/client/README.md'].map((name) => Bun.file(join(root, name)).text()),
  )
  const section = readme?.match(/## From TypeScript\n[\s\S]*?(?=\n## )/)?.[0] ?? ''
  const [forEden, forOpenapi] = fenced(section, 'sh')
  const [[eden], [openapi]] = [fenced(section, 'ts'), fenced(others ?? '', 'ts')]
  if (!forEden || !forOpenapi || !eden || !openapi)
    throw new Error('The README does not show two kinds of client.')
  return {
    eden: { commands: forEden, program: eden },
    openapi: { commands: forOpenapi, program: openapi },
  }
}

/** Runs commands in a folder and returns what they printed; throws with that if one fails. */
export const run = async (commands: string, cwd: string) => {
  const { exitCode, stdout, stderr } = await Bun.$`bash -euc ${commands}`
    .cwd(cwd)
    .env(bareEnvironment)
    .nothrow()
    .quiet()
  if (exitCode !== 0) throw new Error(`${commands} exited with ${exitCode}:\n${stdout}${stderr}`)
  return String(stdout)
}

/** Makes a program of the README a whole one, which prints the page that it reads. */
export const complete = (program: string, url: string, token: string) =>
  `const token = '${token}'\n${program.replace('http://localhost:8000', url)}\nconsole.log(JSON.stringify(page))\n`

/** A folder with a copy of the service, without its dependencies, and one for a project beside it. */
export const createFolders = async () => {
  const folder = temporaryFolder()
  const service = join(folder, 'todo-backend')
  await cp(join(root, 'src'), join(service, 'src'), { recursive: true })
  for (const name of ['package.json', 'tsconfig.json']) await cp(join(root, name), join(service, name))
  return { folder, service, web: join(folder, 'web') }
}

/** Writes files into a folder; what is no text as JSON. */
export const write = async (folder: string, files: Record<string, string | object>) => {
  for (const [name, content] of Object.entries(files))
    await Bun.write(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
}
