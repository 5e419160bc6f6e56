/** Caches what a function returns, and forgets all of it when there are more than `maxTexts` results. */
export const memoized = <T>(compute: (text: string) => T, maxTexts = 10_000) => {
  const known = new Map<string, T>()
  return (text: string): T => {
    const value = known.get(text)
    if (value !== undefined) return value
    const computed = compute(text)
    if (known.size >= maxTexts) known.clear()
    if (computed !== undefined) known.set(text, computed)
    return computed
  }
}
