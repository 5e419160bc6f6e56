import { createLog } from '../../../src/log'
import { exitCleanly } from '../../../src/server'

/** What the program does, by the name that it is given. */
const acts: Record<string, () => Promise<void>> = {
  'fails to stop': async () => {
    throw new Error('the database did not close')
  },
  'stops slowly': async () => {
    await Bun.sleep(2000)
  },
  'never stops': () => new Promise(() => {}),
  stops: async () => {},
}

const [how = 'stops'] = process.argv.slice(2)
const stop = acts[how] ?? acts.stops

exitCleanly({
  log: createLog({ level: 'info', json: false }),
  async stop(withGrace) {
    console.log(`draining, ${withGrace ? 'with' : 'without'} grace`)
    await stop?.()
    console.log('drained')
  },
})
// Keeps the process alive, as a server does.
setInterval(() => {}, 1000)
if (how.startsWith('throws'))
  setTimeout(() => {
    throw Object.assign(new Error('a bug'), { code: 'EBUG' })
  }, 50)
if (how.startsWith('rejects')) setTimeout(() => void Promise.reject(new Error('a bug')), 50)
console.log('running')
