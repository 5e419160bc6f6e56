/** A map of at most `maxEntries` entries, which forgets the least recently used first. */
export const createLruCache = <K, V>(maxEntries: number) => {
  // A Map keeps the order in which its keys were added.
  const entries = new Map<K, V>()
  return {
    get(key: K): V | undefined {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key: K, value: V): void {
      entries.delete(key)
      for (const [oldest] of entries) {
        if (entries.size < maxEntries) break
        entries.delete(oldest)
      }
      entries.set(key, value)
    },
  }
}
