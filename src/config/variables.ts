import { Environment, synonyms, type Variable } from './environment'
import { clean, cleanSecret } from './values'

/** Values as a process or a file has them. */
export type RawEnvironment = Record<string, string | undefined>

const names = Object.keys(Environment.properties) as Variable[]

/** A value in its type, if it can be read as that; of words, the case does not matter. */
const typed = (name: Variable, text: string): string | number => {
  const schema = Environment.properties[name]
  if (schema.type === 'integer') return /^\d+$/.test(text) ? Number(text) : text
  if (!('anyOf' in schema)) return text
  const word = text.toLowerCase()
  return synonyms[name]?.get(word) ?? word
}

/**
 * The values that are set, in this process unless others are given: without what was pasted along with
 * them and in their types, but not checked yet. One that holds nothing but blanks and quotes is absent.
 */
export const readVariables = (environment: RawEnvironment = process.env) => {
  const given: Partial<Record<Variable, string | number>> = {}
  let secretWarning: string | undefined
  for (const name of names) {
    const text = environment[name] ?? ''
    if (name === 'BETTER_AUTH_SECRET') {
      const { secret, warning } = cleanSecret(name, text)
      if (secret !== '') given[name] = secret
      secretWarning = warning
      continue
    }
    const value = clean(name, text)
    if (value !== '') given[name] = typed(name, value)
  }
  return { given, secretWarning }
}
