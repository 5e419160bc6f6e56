import { bestGenerator, generators } from '../kit/load'
import { whole } from '../kit/numbers'
import { residentMemory, type Server } from '../kit/servers'
import { signToken } from '../kit/token'
import { scenarios } from '../scenarios'

const total = 1_000_000
const step = 200_000
const sliceSeconds = 2
/** What is sent by turns, so that writes have their part. */
const turns = [scenarios.add, scenarios.list, scenarios.list, scenarios.list]

/** The memory of a server after every so many requests: lists of 20 and, a quarter of the time, new tasks. */
export const growth = async ({ url, pid }: Server): Promise<string[][]> => {
  const load = generators[bestGenerator()]
  const tokens = [await signToken('bench-user')]
  const memory = () => residentMemory(pid)?.toFixed(0) ?? 'unknown'
  const rows = [['0', memory()]]
  let sent = 0
  for (let slice = 0; sent < total; slice++) {
    const { toLoadRequest } = turns[slice % turns.length] ?? scenarios.list
    const { requests, failures } = await load(toLoadRequest(url, tokens), sliceSeconds)
    if (failures > 0) throw new Error(`${failures} requests failed`)
    const before = sent
    sent += requests
    if (Math.floor(sent / step) > Math.floor(before / step)) rows.push([whole(sent), memory()])
  }
  return rows
}
