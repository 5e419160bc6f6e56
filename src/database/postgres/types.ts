/**
 * `2026-02-14 09:30:00.5+00`, as Postgres writes it, to `2026-02-14T09:30:00.500Z`. Values without such a
 * form (`infinity`, years BC) are returned unchanged.
 */
export const toIsoTime = (text: string) => {
  // Most times have three digits after the point. Without this, a list of 20 takes 0.9 µs more.
  if (text.length === 26 && text.endsWith('+00')) return `${text.slice(0, 10)}T${text.slice(11, 23)}Z`
  const isPlain = text.length >= 22 && text.length <= 26 && text.charCodeAt(10) === 32 && text.endsWith('+00')
  if (isPlain) return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(3, '0')}Z`
  const time = new Date(text.replace(/([+-]\d\d)$/, '$1:00'))
  return Number.isNaN(time.getTime()) ? text : time.toISOString()
}

/** Parsers and serializers for the types, by oid, that postgres.js would represent differently. */
export const types = {
  int8: { to: 20, from: [20], parse: Number, serialize: String },
  timestamptz: { to: 1184, from: [1184], parse: toIsoTime, serialize: String },
}
