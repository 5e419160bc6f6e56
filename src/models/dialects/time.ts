/** The form that times are stored in and sent: UTC, with milliseconds. Throws RangeError if it is not a time. */
export const toUtc = (time: string): string => new Date(time).toISOString()
