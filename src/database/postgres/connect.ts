import type { PostgresHost, PostgresLocation, SslMode } from '../../config/postgres-location'
import { isLoginRejected } from '../errors'
import { within } from '../time'
import { type Attempt, type Client, openClient } from './client'
import type { Encryption } from './socket'

/** The longest silence of a short attempt, in milliseconds. */
export const silenceMs = 1500

/** The longest silence of the patient attempt, in milliseconds, if the URI has no connect_timeout. */
const defaultPatienceMs = 10_000

/** The pause between short attempts, in milliseconds. */
const retryDelayMs = 250

/** The encryption modes in the order in which libpq tries them. */
const encryptions: Record<SslMode, Encryption[]> = {
  disable: ['none'],
  allow: ['none', 'always'],
  prefer: ['if supported', 'none'],
  require: ['always'],
  'verify-ca': ['always'],
  'verify-full': ['always'],
}

export type ConnectOptions = Pick<Attempt, 'idleTimeoutS' | 'onProgress'>

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** The server has no pg_hba.conf rule for this login with, or without, encryption. */
const noRuleForLogin = '28000'

/** Whether the other encryption mode may succeed. It cannot if the server did not answer at all. */
const dependsOnEncryption = (error: unknown) => {
  const code = codeOf(error)
  return code === noRuleForLogin || /^(ERR_)?(SSL|TLS)|CERT|SELF_SIGNED|EPROTO/.test(code)
}

const openHost = async (
  location: PostgresLocation,
  host: PostgresHost,
  options: Omit<Attempt, 'location' | 'host' | 'encryption'>,
) => {
  const tries: Encryption[] = host.host.startsWith('/') ? ['none'] : encryptions[location.tls.mode]
  let failure: unknown
  for (const encryption of tries)
    try {
      return await openClient({ ...options, location, host, encryption })
    } catch (error) {
      failure ??= error
      if (!dependsOnEncryption(error)) break
    }
  throw failure
}

const shuffled = <T>(items: readonly T[]) =>
  items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)

const unsuitable = (attributes: string) =>
  Object.assign(new Error(`no server is ${attributes}, as target_session_attrs requires`), {
    code: 'UNSUITABLE_SERVER',
  })

/** Whether a session has the attribute that the URI asks for. */
const isSuitable = async ({ sql }: Client, { sessionAttributes }: PostgresLocation) => {
  if (sessionAttributes === 'any') return true
  const [state] = await within(
    silenceMs,
    sql.unsafe<{ standby: boolean; readonly: boolean }[]>(
      `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS readonly`,
    ),
    () => unsuitable(sessionAttributes),
  )
  const isStandby = state?.standby ?? false
  const isReadOnly = state?.readonly ?? false
  return {
    'read-write': !isReadOnly,
    'read-only': isReadOnly,
    primary: !isStandby,
    standby: isStandby,
    'prefer-standby': isStandby,
  }[sessionAttributes]
}

const openAny = async (
  location: PostgresLocation,
  patienceMs: number,
  options: ConnectOptions,
): Promise<Client> => {
  const { hosts, sessionAttributes } = location
  let failure: unknown
  let secondChoice: Client | undefined
  for (const host of location.randomOrder ? shuffled(hosts) : hosts)
    try {
      const client = await openHost(location, host, { ...options, silenceMs: patienceMs })
      if (await isSuitable(client, location).catch(() => false)) {
        secondChoice?.close()
        return client
      }
      if (sessionAttributes === 'prefer-standby' && !secondChoice) secondChoice = client
      else client.close()
      failure ??= unsuitable(sessionAttributes)
    } catch (error) {
      failure = error
      if (isLoginRejected(error)) break
    }
  if (secondChoice) return secondChoice
  throw failure
}

/**
 * Opens a connection to the first server of a URI that accepts it. A patient attempt waits for a slow server,
 * for example one that is being started, while short attempts run in parallel and find a server that has
 * become reachable again. Rejects with the error of the patient attempt.
 */
export const connect = async (location: PostgresLocation, options: ConnectOptions = {}): Promise<Client> => {
  const patienceMs = location.connectTimeoutMs ?? defaultPatienceMs
  let winner: Client | undefined
  let isOver = false
  const win = (client: Client) => {
    if (isOver) client.close()
    else winner = client
    isOver = true
  }
  const tryAgain = async () => {
    await Bun.sleep(silenceMs)
    while (!isOver) {
      const client = await openAny(location, silenceMs, options).catch(() => undefined)
      if (client) return win(client)
      await Bun.sleep(retryDelayMs)
    }
    // The patient attempt reports the reason.
    return new Promise<void>(() => {})
  }
  try {
    await Promise.race([openAny(location, patienceMs, options).then(win), tryAgain()])
  } finally {
    isOver = true
  }
  return winner as Client
}
