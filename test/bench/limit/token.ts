import { createVerify as createUncachedVerify } from '../floor/token'
import { remembered } from './remembered'

/** As that of the floor, but each header is verified once, and not even its expiry after that. */
export const createVerify = (secret: string) => {
  const verify = remembered(createUncachedVerify(secret))
  return (header: string | null) => (header === null ? undefined : verify(header))
}
