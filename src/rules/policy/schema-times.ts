/** Parts of the policy schema that say when. */
import { text } from './schema-parts.ts'

/** A minute of a day; `24:00` is the end of it. */
export const time = (description: string) =>
  text(description, { pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$' })

/** Days of the week. */
export const weekdays = {
  type: 'array',
  minItems: 1,
  maxItems: 7,
  uniqueItems: true,
  items: { enum: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
  description: 'Days of the week. Left out: all.',
}
