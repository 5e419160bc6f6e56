/** The row without null fields, which the schemas of tools do not allow. */
export const withoutNulls = (row: object): Record<string, unknown> => {
  const found = row as Record<string, unknown>
  for (const name in found)
    if (found[name] === null)
      return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
  return found
}
