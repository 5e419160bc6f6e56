import { checked } from './checked'

/** A boolean in a query. */
export const flag = (description: string) =>
  checked<'true' | 'false'>({ type: 'boolean', description }, (value) =>
    value === 'true' || value === 'false' ? undefined : 'must be true or false',
  )

export const toFlag = (value: 'true' | 'false' | undefined) =>
  value === undefined ? undefined : value === 'true'
