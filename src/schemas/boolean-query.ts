import { refine } from './refine'

/** A boolean in a query, as `true` or `false`. */
export const booleanQuery = (description: string) =>
  refine<boolean>(
    { type: 'boolean', description },
    (value) => (value === 'true' || value === 'false' ? undefined : 'must be true or false'),
    (text) => text === 'true',
  )
