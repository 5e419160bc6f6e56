import { connect, createServer, type Socket } from 'node:net'

/** Passes what it receives on after a delay, in order, however much is under way. */
const delay = (from: Socket, to: Socket, milliseconds: number) => {
  const pending: { due: number; deliver: () => void }[] = []
  let timer: Timer | undefined
  const deliverDue = () => {
    timer = undefined
    while (pending[0] && pending[0].due <= performance.now()) pending.shift()?.deliver()
    if (pending[0]) timer = setTimeout(deliverDue, Math.max(1, pending[0].due - performance.now()))
  }
  const later = (deliver: () => void) => {
    pending.push({ due: performance.now() + milliseconds, deliver })
    timer ??= setTimeout(deliverDue, milliseconds)
  }
  from.on('data', (data) => later(() => to.write(data)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => later(() => to.destroy()))
  to.on('close', () => clearTimeout(timer))
}

/**
 * A network path to a port of this machine over which a round trip takes so many milliseconds, the one
 * that opens a connection included.
 */
export const startDistance = async (target: number, roundTripMs: number) => {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    sockets.add(near)
    near.pause()
    // The handshake of TCP took no time here, so what comes first is late by a round trip of its own.
    setTimeout(() => {
      const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
      sockets.add(far)
      delay(near, far, roundTripMs / 2)
      delay(far, near, roundTripMs / 2)
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
      near.resume()
    }, roundTripMs)
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
  return {
    port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
