import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { cleanUp } from '../../support/cleanup'
import { freePort } from '../../support/postgres'

const bodyOf = async (incoming: IncomingMessage) => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A reverse proxy that keeps its connections alive, over replicas that may be exchanged. */
export const startBalancer = async (ports: readonly number[]) => {
  const port = await freePort()
  const agent = new Agent({ keepAlive: true })
  let targets = [...ports]
  let turn = 0

  const forward = (incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, isLast = false) => {
    const { method, url: path, headers } = incoming
    const target = { agent, host: '127.0.0.1', port: targets[turn++ % targets.length] }
    const passed = request({ ...target, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => {
      // As nginx does by default: another replica, once, where asking again does no harm.
      if (!isLast && method === 'GET') forward(incoming, body, outgoing, true)
      else outgoing.writeHead(502).end()
    })
    passed.end(body)
  }
  const server = createServer(async (incoming, outgoing) =>
    forward(incoming, await bodyOf(incoming), outgoing),
  )
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  cleanUp(() => {
    agent.destroy()
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${port}`,
    use(next: readonly number[]) {
      targets = [...next]
    },
  }
}
