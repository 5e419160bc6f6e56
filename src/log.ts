import { createLogOutput } from './log-output'

export type Level = 'debug' | 'info' | 'warn' | 'error'
export type Fields = Record<string, string | number | boolean | undefined>

export interface Log extends Record<Level, (message: string, fields?: Fields) => void> {
  enabled(level: Level): boolean
  /** Resolves when everything has been written, or after a time limit, in milliseconds. */
  flush(limitMs: number): Promise<void>
}

const levels = ['debug', 'info', 'warn', 'error'] as const

/** What is logged of a text that a stranger chose: at most 200 characters. */
export const brief = (text: string): string => (text.length > 200 ? `${text.slice(0, 199)}…` : text)

/** Control and format characters and line separators, by which a value could imitate another line. */
const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

const toOneLine = (text: string) =>
  text.replace(control, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

/** Only a stack has several lines. */
const toPrintable = ([name, value]: [string, Fields[string]]): [string, Fields[string]] => {
  if (typeof value !== 'string') return [name, value]
  return [name, name === 'stack' ? value.split('\n').map(toOneLine).join('\n') : toOneLine(value)]
}

/** One line per event on standard output: JSON in production, readable otherwise. */
export const createLog = ({ level: lowest, json }: { level: Level; json: boolean }): Log => {
  const format = (level: Level, message: string, fields: Fields): string => {
    const time = new Date().toISOString()
    const given = Object.entries(fields).filter(([, value]) => value !== undefined)
    const printed = given.map(toPrintable)
    if (json) return `${JSON.stringify({ time, level, message, ...Object.fromEntries(printed) })}\n`
    const rest = printed.map(([name, value]) => ` ${name}=${value}`).join('')
    return `${time.slice(11, 23)} ${level.padEnd(5)} ${message}${rest}\n`
  }
  const output = createLogOutput((count) => format('warn', 'log lines could not be written', { count }))
  const enabled = (level: Level) => levels.indexOf(level) >= levels.indexOf(lowest)
  const at = (level: Level) => (message: string, fields?: Fields) => {
    if (enabled(level)) output.write(format(level, message, fields ?? {}))
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
  const code = 'code' in error && error.code ? String(error.code) : ''
  const text = error.message.includes(code) ? error.message : `${code}: ${error.message}`
  return error.cause === undefined ? text : `${text} (${describeError(error.cause)})`
}

/** Logs when the database is connected, with its host and its name, and when it becomes unavailable. */
export const logStates = (log: Log) => (change: { state: string; database?: string; cause?: unknown }) =>
  change.state === 'connected'
    ? log.info('database connected', { database: change.database })
    : log.warn('database disconnected', { reason: describeError(change.cause) })

/** Logs what a migration waits for, its start and its end, each once, however often it is tried. */
export const logMigrations = (log: Log) => {
  const logged = new Set<string>()
  return (change: { event: string; steps?: readonly string[]; milliseconds?: number }) => {
    const { event, steps, milliseconds: duration_ms } = change
    const reason = event === 'waiting' ? 'another replica migrates' : undefined
    if (!logged.has(event))
      log.info(`database migration ${event}`, { steps: steps?.join(), duration_ms, reason })
    if (event === 'finished') logged.clear()
    else logged.add(event)
  }
}
