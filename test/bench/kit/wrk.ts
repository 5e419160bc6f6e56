import { join } from 'node:path'
import { makeFolder } from './cleanup'
import { headersOf, type Load, type Shot, usualConnections } from './shot'

/** Longest that wrk may take beyond the time it was given. */
const graceMs = 20_000

let folder: string | undefined

/** Runs wrk with a script that sends the shot and prints what was measured as JSON. */
export const wrk: Load = async (shot, seconds) => {
  folder ??= makeFolder()
  // Of its own, since two may run at once.
  const script = join(folder, `${crypto.randomUUID()}.lua`)
  await Bun.write(script, lua(shot))
  const command = [
    'wrk',
    '-t1',
    `-c${shot.connections ?? usualConnections}`,
    `-d${seconds}s`,
    '--latency',
    '-s',
    script,
    shot.url,
  ]
  const child = Bun.spawn(command, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: seconds * 1000 + graceMs,
  })
  const output = await new Response(child.stdout).text()
  const line = output.split('\n').findLast((text) => text.startsWith('{'))
  if ((await child.exited) !== 0 || !line) throw new Error(`wrk failed:\n${output}`)
  return JSON.parse(line)
}

/** As a literal of Lua; plain characters are all that is sent here. */
const text = (value: string) => JSON.stringify(value)

const lua = (shot: Shot) => `
wrk.method = ${text(shot.method)}
${shot.body ? `wrk.body = ${text(shot.body)}` : ''}
${Object.entries(headersOf(shot))
  .map(([name, value]) => `wrk.headers[${text(name)}] = ${text(value)}`)
  .join('\n')}
${shot.tokens.length > 1 ? rotation(shot) : ''}
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"rate":%.1f,"p50":%.3f,"p99":%.3f,"failures":%d}\\n',
    summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.status + e.connect + e.read + e.write + e.timeout))
end
`

/** All requests are written before the first is sent, so that this costs the load generator nothing. */
const rotation = ({ tokens }: Shot) => `
local requests, sent = {}, 0
init = function()
  for token in (${text(tokens.join(' '))}):gmatch('%S+') do
    wrk.headers['authorization'] = 'Bearer ' .. token
    requests[#requests + 1] = wrk.format()
  end
end
request = function()
  sent = sent % #requests + 1
  return requests[sent]
end
`
