/** The mark for user interfaces: which classes were masked and at how many locations (RFC 9651 List). */
import type { ClassExposure } from '../../core/audit-facts.ts'

/** Classes that one header names. */
const CLASSES_MAX = 50

/** `contact.email;n=3, payment.card;n=1`, or undefined where nothing was masked. Class names are valid Tokens. */
export function maskedHeader(classes: readonly ClassExposure[]): string | undefined {
  const masked = classes.filter((entry) => entry.masked > 0).slice(0, CLASSES_MAX)
  return masked.length === 0
    ? undefined
    : masked.map((entry) => `${entry.class};n=${entry.masked}`).join(', ')
}
