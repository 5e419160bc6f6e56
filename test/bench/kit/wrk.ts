import { join } from 'node:path'
import { makeFolder } from './cleanup'
import { defaultConnections, headersOf, type Load, type LoadRequest } from './load-request'

/** The time that wrk may take in addition to the measurement, in milliseconds. */
const graceMs = 20_000

let folder: string | undefined

/** Runs wrk with a script that sends the request and prints what was measured as JSON. */
export const wrk: Load = async (request, seconds) => {
  folder ??= makeFolder()
  // Of its own, since two may run at once.
  const script = join(folder, `${crypto.randomUUID()}.lua`)
  await Bun.write(script, lua(request))
  const command = [
    'wrk',
    '-t1',
    `-c${request.connections ?? defaultConnections}`,
    `-d${seconds}s`,
    '--latency',
    '-s',
    script,
    request.url,
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

const lua = (request: LoadRequest) => `
wrk.method = ${text(request.method)}
${request.body ? `wrk.body = ${text(request.body)}` : ''}
${Object.entries(headersOf(request))
  .map(([name, value]) => `wrk.headers[${text(name)}] = ${text(value)}`)
  .join('\n')}
${request.tokens.length > 1 ? rotation(request) : ''}
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"rate":%.1f,"p50":%.3f,"p99":%.3f,"failures":%d}\\n',
    summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.status + e.connect + e.read + e.write + e.timeout))
end
`

/** All requests are written before the first is sent, so that this costs the load generator nothing. */
const rotation = ({ tokens }: LoadRequest) => `
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
