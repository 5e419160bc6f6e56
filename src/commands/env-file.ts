import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { createSecret } from '../config/keys'
import { type RawEnvironment, readVariables } from '../config/variables'

/** Whether the given variables, or those of this process, configure how tokens are verified. */
const configuresVerification = (environment?: RawEnvironment) => {
  const { given } = readVariables(environment)
  return given.BETTER_AUTH_SECRET !== undefined || given.BETTER_AUTH_JWKS_URL !== undefined
}

const withSecret = (text: string) => {
  const line = /^(\s*(?:export\s+)?BETTER_AUTH_SECRET[ \t]*=).*$/gm
  const secret = createSecret()
  return line.test(text)
    ? text.replace(line, `$1${secret}`)
    : `${text}${/(^|\n)$/.test(text) ? '' : '\n'}BETTER_AUTH_SECRET=${secret}\n`
}

/**
 * Creates the .env file of a folder from its .env.example, if it is missing, and writes a new secret into it,
 * if neither the file nor the environment configures how tokens are verified. Returns a sentence that says
 * what was done.
 */
export const prepareEnvFile = (folder: string): string | undefined => {
  const file = `${folder}/.env`
  if (!existsSync(file)) {
    const example = readFileSync(`${folder}/.env.example`, 'utf8')
    writeFileSync(file, withSecret(example), { mode: 0o600, flag: 'wx' })
    return 'Created .env from .env.example, with a new secret.'
  }
  const text = readFileSync(file, 'utf8')
  if (configuresVerification() || configuresVerification(parseEnv(text) as RawEnvironment)) return
  writeFileSync(file, withSecret(text))
  return 'Wrote a new BETTER_AUTH_SECRET into .env, which had none.'
}
