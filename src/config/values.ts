/** White space, including zero-width characters that are copied along with text. */
const blank = '\\s\\u200b-\\u200d\\u2060'
/** The quotes that file formats, shells and word processors put around values. */
const quotes = '"\'`“”„‟‘’‚‛«»'

const comment = /\s#[^"'`]*$/
const before = new RegExp(`^[${blank}${quotes}]+`)
const after = new RegExp(`[${blank}${quotes};,]+$`)

/** `export NAME=`, `-e NAME=`, or `NAME:` as in YAML, in front of a value of the variable `name`. */
const assignment = (name: string) =>
  new RegExp(`^(?:(?:export|set|ENV|-e|--env)\\s+|\\$env:)?(?:[A-Z][A-Z0-9_]+["']?\\s*=|${name}["']?\\s*:)`)

const withoutEdges = (text: string) => text.replace(before, '').replace(after, '')

/**
 * The value of a variable without what was pasted around it: blanks, quotes (`docker run --env-file` keeps
 * them), the variable's name, a semicolon, a comment.
 */
export const clean = (name: string, text: string): string =>
  withoutEdges(withoutEdges(text.replace(comment, '')).replace(assignment(name), ''))

const pairs: Record<string, string> = { '"': '"', "'": "'", '`': '`', '“': '”', '‘': '’', '„': '“', '«': '»' }

const unquoted = (text: string) =>
  text.length > 1 && text.at(-1) === pairs[text.at(0) ?? ''] ? text.slice(1, -1) : undefined

/**
 * A secret, with a warning if white space surrounds it. Only enclosing quotes and the variable's name are
 * removed. All other characters belong to the key, as in Better Auth.
 */
export const cleanSecret = (name: string, text: string): { secret: string; warning?: string } => {
  const trimmed = text.trim()
  if (trimmed === '') return { secret: '' }
  const unassigned = trimmed.replace(new RegExp(`^(?:export\\s+)?${name}\\s*=\\s*`), '')
  const secret = unquoted(unassigned) ?? (unassigned === trimmed ? text : unassigned)
  if (secret === text) {
    if (text === trimmed) return { secret }
    const edge = /[\r\n]$/.test(text) ? 'ends with a line break' : 'starts or ends with a blank'
    return {
      secret,
      warning: `${name} ${edge}, which is kept, as Better Auth keeps it: if tokens are rejected, one of the two was set without it`,
    }
  }
  return {
    secret,
    warning: `${name} was set with quotes around it or its own name before it, which are removed here, but not by Better Auth: if tokens are rejected, remove them there`,
  }
}
