import { processorTime, type Server } from './kit/servers'
import type { Load, Measured, Shot } from './kit/shot'
import { type Contender, contenders, type Lineup } from './lineup'

/** One round of one server, with the processor time that a request cost it in microseconds. */
export interface Round extends Measured {
  cpu: number
}

export type Comparison = Record<Contender, Round[]>

const warmUpSeconds = 2

/** Lets all take turns in each round, so that what the machine does meanwhile meets them alike. */
export const compare = async (
  lineup: Lineup,
  toShot: (base: string) => Shot,
  { load, rounds, seconds }: { load: Load; rounds: number; seconds: number },
): Promise<Comparison> => {
  const measure = async (server: Server): Promise<Round> => {
    const before = processorTime(server.pid) ?? Number.NaN
    const measured = await load(toShot(server.url), seconds)
    const spent = (processorTime(server.pid) ?? Number.NaN) - before
    return { ...measured, cpu: (spent * 1000) / measured.requests }
  }
  for (const name of contenders) await load(toShot(lineup[name].url), Math.min(seconds, warmUpSeconds))
  const result: Comparison = { floor: [], limit: [], service: [] }
  for (let round = 1; round <= rounds; round++)
    for (const name of contenders) result[name].push(await measure(lineup[name]))
  return result
}
