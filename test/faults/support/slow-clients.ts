import { connect, type Socket } from 'node:net'
import { cleanUp } from '../../support/cleanup'
import { until } from './time'

interface Behaviour {
  port: number
  count: number
  /** What each sends at once. */
  head: string
  /** What follows: one byte, sent again each second, or so many as fast as they are taken. */
  bytes: number
  chunked?: boolean
}

const piece = Buffer.alloc(64 * 1024, 'a')
const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])

const pour = (socket: Socket, bytes: number, part: Buffer) => {
  let left = bytes
  const go = () => {
    while (left > 0 && socket.writable) {
      left -= piece.length
      if (!socket.write(part)) return
    }
  }
  socket.on('drain', go)
  go()
}

const open = ({ port, count, head, bytes, chunked = false }: Behaviour) => {
  const answers = new Set<string>()
  const sockets = new Set<Socket>()
  for (let index = 0; index < count; index++) {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(head)
      if (bytes > 1) pour(socket, bytes, chunked ? chunk : piece)
    })
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', (data) => answers.add(data.toString().split('\r\n', 1)[0] ?? ''))
  }
  return { answers, sockets }
}

/** The program of the clients' process: ends once all connections are closed, and says what it heard. */
const run = async (behaviour: Behaviour) => {
  const { answers, sockets } = open(behaviour)
  setInterval(() => {
    if (behaviour.bytes === 1) for (const socket of sockets) socket.write('a')
  }, 1000)
  await until('the service has closed every connection', () => sockets.size === 0, 60_000)
  console.log(JSON.stringify([...answers]))
  process.exit(0)
}

/** Clients in a process of their own, which hold their connections for as long as they are let. */
export const startSlowClients = (behaviour: Behaviour) => {
  const child = Bun.spawn([process.execPath, import.meta.path, JSON.stringify(behaviour)], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
  cleanUp(async () => {
    child.kill('SIGKILL')
    await child.exited
  })
  return {
    get areClosed() {
      return child.exitCode === 0
    },
    /** The different status lines that they were sent. */
    answers: async (): Promise<string[]> => JSON.parse(await new Response(child.stdout).text()),
  }
}

if (import.meta.main) await run(JSON.parse(process.argv[2] ?? ''))
