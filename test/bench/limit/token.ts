import { createVerify as createUncachedVerify } from '../floor/token'
import { memoized } from './memoized'

/** As that of the floor, but each header is verified once, and not even its expiry after that. */
export const createVerify = (secret: string) => {
  const verify = memoized(createUncachedVerify(secret))
  return (header: string | null) => (header === null ? undefined : verify(header))
}
