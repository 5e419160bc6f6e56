import { ConfigurationError, readConfig } from '../../src/config'

export const secret = 'a-secret-that-has-at-least-32-characters'

/** The least that a configuration needs. */
export const valid = { DATABASE_URL: 'sqlite:./todo.db', BETTER_AUTH_SECRET: secret }

/** What is wrong with an environment; throws if nothing is. */
export const problemsOf = (environment: Record<string, string | undefined>) => {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}
