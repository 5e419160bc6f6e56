import { processorTime, type Server } from './kit/servers'
import type { Load, Measured, Shot } from './kit/shot'
import type { Pair } from './pair'

/** One round of one server, with the processor time that a request cost it in microseconds. */
export interface Round extends Measured {
  cpu: number
}

export interface Comparison {
  floor: Round[]
  service: Round[]
}

const warmUpSeconds = 2

/** Lets the two take turns, so that what the machine does meanwhile meets both alike. */
export const compare = async (
  pair: Pair,
  toShot: (base: string) => Shot,
  { load, rounds, seconds }: { load: Load; rounds: number; seconds: number },
): Promise<Comparison> => {
  const measure = async (server: Server): Promise<Round> => {
    const before = processorTime(server.pid) ?? Number.NaN
    const measured = await load(toShot(server.url), seconds)
    const spent = (processorTime(server.pid) ?? Number.NaN) - before
    return { ...measured, cpu: (spent * 1000) / measured.requests }
  }
  for (const { url } of [pair.floor, pair.service]) await load(toShot(url), Math.min(seconds, warmUpSeconds))
  const result: Comparison = { floor: [], service: [] }
  for (let round = 1; round <= rounds; round++) {
    result.floor.push(await measure(pair.floor))
    result.service.push(await measure(pair.service))
  }
  return result
}
