/** The same function, which remembers what it returned. It forgets everything when that is too much. */
export const remembered = <T>(compute: (text: string) => T, maxTexts = 10_000) => {
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
