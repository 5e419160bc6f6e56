/** The property of a route's `detail` that describes its tag; the description of the API moves it to its tags. */
export const tagDescription = 'x-tag-description'

/** A part of an instance's `detail`: the tag of its routes, described beside them. */
export const tag = (name: string, description: string) => ({ tags: [name], [tagDescription]: description })
