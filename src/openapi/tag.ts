/** The property of a route's `detail` that describes its tag. document.ts moves it to the list of tags. */
export const tagDescription = 'x-tag-description'

/** A part of an instance's `detail`: the tag of its routes, described beside them. */
export const tag = (name: string, description: string) => ({ tags: [name], [tagDescription]: description })
