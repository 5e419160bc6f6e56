import { createWriteStream } from 'node:fs'
import { createLogOutput } from './log-output'

type Level = 'debug' | 'info' | 'warn' | 'error'
export type Fields = Record<string, string | number | boolean | undefined>

export interface Log extends Record<Level, (message: string, fields?: Fields) => void> {
  enabled(level: Level): boolean
  /** Resolves when everything has been written, or after a time limit, in milliseconds. */
  flush(limitMs: number): Promise<void>
}

const severity: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 }

const asJson = (level: Level, message: string, fields: Fields) =>
  JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })

const asText = (level: Level, message: string, fields: Fields) => {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
  const rest = pairs.map(([name, value]) => ` ${name}=${value}`).join('')
  return `${new Date().toISOString().slice(11, 23)} ${level.padEnd(5)} ${message}${rest}`
}

/**
 * Standard output. Bun writes to a terminal synchronously, so a paused terminal would block the service; a
 * file stream writes in another thread.
 */
const openOutput = () => (process.stdout.isTTY ? createWriteStream('', { fd: 1 }) : process.stdout)

/** One line per event on standard output: JSON in production, readable otherwise. */
export const createLog = ({ level, json }: { level: Level; json: boolean }): Log => {
  const format = json ? asJson : asText
  const output = createLogOutput(
    openOutput(),
    (count) => `${format('warn', 'log lines could not be written', { count })}\n`,
  )
  const enabled = (candidate: Level) => severity[candidate] >= severity[level]
  const at =
    (candidate: Level) =>
    (message: string, fields: Fields = {}) => {
      if (enabled(candidate)) output.write(`${format(candidate, message, fields)}\n`)
    }
  return {
    enabled,
    flush: output.flush,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}

/** An error for the log: its code, its message and those of its causes. Never for a client. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  // For some errors of Bun the message is the code.
  const code = 'code' in error && error.code && error.code !== error.message ? `${error.code}: ` : ''
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`
  return `${code}${error.message}${cause}`
}

/** Logs when the database becomes unavailable, and when it is available again. */
export const logStates = (log: Log) => (change: { state: string; cause?: unknown }) =>
  change.state === 'connected'
    ? log.info('database connected')
    : log.warn('database disconnected', { reason: describeError(change.cause) })

/** Logs each event of a migration once, however often that is tried until it has finished. */
export const logMigrations = (log: Log) => {
  const logged = new Set<string>()
  return (change: { event: string; steps?: readonly string[]; milliseconds?: number }) => {
    if (logged.has(change.event)) return
    logged.add(change.event)
    if (change.event === 'finished') logged.clear()
    log.info(`database migration ${change.event}`, {
      steps: change.steps?.join(),
      duration_ms: change.milliseconds,
    })
  }
}
