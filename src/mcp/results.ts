/** A copy of a row without the fields that are null, which no schema of a tool knows. */
export const withoutNulls = (row: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
