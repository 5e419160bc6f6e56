import { autocannon } from './autocannon'
import type { Load } from './load-request'
import { wrk } from './wrk'

export const generators = { wrk, autocannon } satisfies Record<string, Load>

/** wrk where it is installed, since it takes the least from the servers' processors; else autocannon. */
export const bestGenerator = (): keyof typeof generators => (Bun.which('wrk') ? 'wrk' : 'autocannon')
