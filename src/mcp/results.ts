/** The row without the fields that are null, which no schema of a tool knows. */
export const withoutNulls = (row: object): Record<string, unknown> => {
  const found = row as Record<string, unknown>
  for (const name in found)
    if (found[name] === null)
      return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
  return found
}
