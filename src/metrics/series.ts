import type { FinishedRequest } from '../http/request-observer'

/** Methods that get a label of their own; a client can make up any number of others. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PUT'])

interface Labels {
  method: string
  route: string
  status: number
}

export interface Series {
  labels: Labels
  count: number
  observe(seconds: number): void
}

const getOrMake = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/**
 * One counter for each route, method and status. A step for each label finds it: a key made of all
 * three, or the library's own look-up, would cost a request more than counting does.
 */
export const createSeries = (observer: (labels: Labels) => Series['observe']) => {
  const byRoute = new Map<string, Map<string, Map<number, Series>>>()
  const all: Series[] = []

  const make = (labels: Labels): Series => {
    const made = { labels, count: 0, observe: observer(labels) }
    all.push(made)
    return made
  }

  return {
    all: (): readonly Series[] => all,
    of({ method: given, route = 'none', status }: FinishedRequest): Series {
      const method = methods.has(given) ? given : 'other'
      const byMethod = getOrMake(byRoute, route, () => new Map<string, Map<number, Series>>())
      const byStatus = getOrMake(byMethod, method, () => new Map<number, Series>())
      return byStatus.get(status) ?? getOrMake(byStatus, status, () => make({ method, route, status }))
    },
  }
}
