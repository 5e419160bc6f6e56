import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createSecret } from '../config'

const read = (file: string) => {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error}`)
  }
}

/** Returns whether there is a file of variables. Throws if it cannot be read, or is not in UTF-8. */
export const checkEnvFile = (file: string): boolean => {
  if (!existsSync(file)) return false
  const bytes = read(file)
  // In UTF-16, every other byte of ASCII is zero.
  const encoding = bytes.includes(0) ? 'UTF-16' : !isUtf8(bytes) && 'Windows-1252 or a similar encoding'
  if (encoding) throw new Error(`${file} is in ${encoding}: save it in UTF-8. It was not changed.`)
  return true
}

/**
 * Creates the .env of a folder from its .env.example, with a new secret, if it is missing; an existing one is never
 * changed. Returns the file to use: .env.example where no .env can be created. Throws as checkEnvFile does.
 */
export const prepareEnvFile = (folder: string): string => {
  const file = `${folder}/.env`
  const example = `${folder}/.env.example`
  if (checkEnvFile(file)) return file
  const text = readFileSync(example, 'utf8').replace(/^BETTER_AUTH_SECRET=$/m, `$&${createSecret()}`)
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
    console.log('Created .env from .env.example, with a new secret.')
    return file
  } catch (error) {
    console.warn(`warning: .env cannot be created, so .env.example is used: ${error}`)
    return example
  }
}
