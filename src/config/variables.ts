import { Environment, synonyms, type Variable } from './environment'
import { clean, cleanSecret } from './values'

/** Raw values, as in the environment or a file. */
export type RawEnvironment = Record<string, string | undefined>

const names = Object.keys(Environment.properties) as Variable[]

/** Converts a value to its type, if possible. Words are case-insensitive. */
const typed = (name: Variable, text: string): string | number => {
  const schema = Environment.properties[name]
  if (schema.type === 'integer') return /^\d+$/.test(text) ? Number(text) : text
  if (!('anyOf' in schema)) return text
  const word = text.toLowerCase()
  return synonyms[name]?.get(word) ?? word
}

/**
 * The variables that are set, by default those of this process, cleaned and converted but not yet validated.
 * A value of nothing but white space and quotes counts as absent.
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
