import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bareEnvironment, root } from '../../support/program'

const page = () => readFileSync(join(root, 'src/README.md'), 'utf8')

/** The text of a section of src/README.md. Throws Error if there is none. */
export const sectionOf = (title: string): string => {
  const [, text] = page().split(`\n## ${title}\n`)
  if (text === undefined) throw new Error(`src/README.md has no section ${title}`)
  return text.split('\n## ')[0] ?? ''
}

/** The code blocks of a section, in their order. */
const blocksOf = (title: string) =>
  [...sectionOf(title).matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    language,
    code: code.trimEnd(),
  }))

const linesWith = (hunk: string[], ...marks: string[]) =>
  `\n${hunk
    .filter((line) => marks.includes(line[0] ?? ' '))
    .map((line) => line.slice(1))
    .join('\n')}\n`

/** Applies a block in the form of a diff: the file, and its changes in order, between lines of context. */
const applyDiff = (folder: string, block: string) => {
  const [header = '', ...lines] = block.split('\n')
  const file = join(folder, header.replace('+++ ', ''))
  let done = ''
  let rest = `\n${readFileSync(file, 'utf8')}`
  for (const hunk of lines.join('\n').split('\n@@\n')) {
    const [before, after] = [linesWith(hunk.split('\n'), ' ', '-'), linesWith(hunk.split('\n'), ' ', '+')]
    const index = rest.indexOf(before)
    if (index < 0) throw new Error(`${header} does not have, or not in this order:${before}`)
    // The line break at the end also begins what follows.
    done += rest.slice(0, index) + after.slice(0, -1)
    rest = rest.slice(index + before.length - 1)
  }
  writeFileSync(file, (done + rest).slice(1))
}

const runScript = (folder: string, script: string) => {
  const { exitCode, stdout, stderr } = Bun.spawnSync(['bash', '-euc', script], {
    cwd: folder,
    env: bareEnvironment,
  })
  if (exitCode !== 0) throw new Error(`${script}\nexited with ${exitCode}: ${stdout}${stderr}`)
}

/** Does in a folder what a section of src/README.md says. Throws Error if a step cannot be done. */
export const follow = (folder: string, section: string, filter: (step: string) => boolean = () => true) => {
  const steps = blocksOf(section).filter(({ code }) => filter(code))
  if (steps.length === 0) throw new Error(`${section} has no such steps`)
  for (const { language, code } of steps)
    if (language === 'diff') applyDiff(folder, code)
    else runScript(folder, code)
}
