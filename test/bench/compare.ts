import type { Load, LoadRequest, Measured } from './kit/load-request'
import { processorTime, type Server } from './kit/servers'
import { type ServerName, serverNames } from './servers-under-test'

/** One round of one server, with the processor time that a request cost it in microseconds. */
export interface Round extends Measured {
  cpu: number
}

/** The rounds of each; none of those that took no part. */
export type Comparison = Record<ServerName, Round[]>

export interface Turn {
  server: Server
  request: LoadRequest
}

const warmUpSeconds = 2

/** Lets all take turns in each round, so that what the machine does meanwhile meets them alike. */
export const compare = async (
  turns: Partial<Record<ServerName, Turn>>,
  { load, rounds, seconds }: { load: Load; rounds: number; seconds: number },
): Promise<Comparison> => {
  const measure = async ({ server, request }: Turn): Promise<Round> => {
    const before = processorTime(server.pid) ?? Number.NaN
    const measured = await load(request, seconds)
    const spent = (processorTime(server.pid) ?? Number.NaN) - before
    return { ...measured, cpu: (spent * 1000) / measured.requests }
  }
  for (const { request } of Object.values(turns)) await load(request, Math.min(seconds, warmUpSeconds))
  const result: Comparison = { floor: [], limit: [], service: [] }
  for (let round = 1; round <= rounds; round++)
    for (const name of serverNames) {
      const turn = turns[name]
      if (turn) result[name].push(await measure(turn))
    }
  return result
}
