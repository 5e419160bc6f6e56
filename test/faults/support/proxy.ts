import { connect, createServer, type Socket } from 'node:net'
import { cleanUp } from '../../support/cleanup'

/** A network between the service and Postgres that can fail. */
export const createProxy = async (target: number) => {
  const sockets = new Set<Socket>()
  let silent = false
  let paused = false
  let budget = Number.POSITIVE_INFINITY
  let breaking = 0
  let heldMs = 0

  const track = (socket: Socket, other: Socket) => {
    sockets.add(socket)
    if (paused) socket.pause()
    socket.on('data', (data) => {
      if (!silent) other.write(data)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    near.on('data', () => {
      if (breaking === 0) return
      breaking--
      near.destroy()
    })
    if (heldMs > 0) {
      near.pause()
      setTimeout(() => near.resume(), heldMs)
    }
    track(near, far)
    track(far, near)
    far.on('data', ({ length }) => {
      if (budget === 0) return
      budget = Math.max(0, budget - length)
      if (budget === 0) near.end()
    })
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
  cleanUp(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })

  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    /** Whether the service has connected. */
    get isUsed() {
      return sockets.size > 0
    },
    port,
    /** Lets the first bytes of each new connection pass only after this time, in milliseconds. */
    holdNew(ms: number) {
      heldMs = ms
    },
    /** Swallows every byte of old and new connections, from now on: they are accepted, and no more. */
    silence() {
      silent = true
    },
    /** Lets bytes pass. Those swallowed stay lost, as when a NAT forgets its connections. */
    heal() {
      silent = false
    },
    /** Ends the connection on which so many bytes more have come from the server, once. */
    cutAfter(bytes: number) {
      budget = bytes
    },
    /** Breaks the connections over which the next so many statements come. */
    breakNext(count: number) {
      breaking = count
    },
    get isBreaking() {
      return breaking > 0
    },
    get hasCut() {
      return budget === 0
    },
    /** Holds bytes back and keeps them, as TCP does when packets are dropped for a while. */
    pause() {
      paused = true
      for (const socket of sockets) socket.pause()
    },
    resume() {
      paused = false
      for (const socket of sockets) socket.resume()
    },
  }
}
