import { FormatRegistry } from '@sinclair/typebox'
import { toUtc } from '../models/dialects/time'

const form = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/** Whether a text is a time (RFC 3339, section 5.6) of a day that exists, in the years 1 to 9999. */
export const isTime = (text: string): boolean => {
  const [, year, month, day] = form.exec(text)?.map(Number) ?? []
  if (!year || !month || !day || Number.isNaN(Date.parse(text))) return false
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate()
  // An offset can lead out of these years.
  return day <= lastDay && /^(?!0000)\d{4}-/.test(toUtc(text))
}

/** Has schemas with the format date-time accept these times. */
export const registerTime = () => FormatRegistry.Set('date-time', isTime)
