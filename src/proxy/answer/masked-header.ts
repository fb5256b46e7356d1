/** The marks for user interfaces: which classes were masked, revealed or kept, and at how many locations (RFC 9651 List). */
import type { ClassExposure, InboundChange, WriteChange } from '../../core/audit-facts.ts'

/** Classes that one header names. */
const CLASSES_MAX = 50

/** `contact.email;n=3, payment.card;n=1`, or undefined where there was none. Class names are valid Tokens. */
export function classesMark(
  classes: readonly ClassExposure[],
  form: 'masked' | 'revealed',
): string | undefined {
  return list(classes.map((entry) => ({ name: entry.class, count: entry[form] })))
}

/** The same for a write: the classes of which masks came back, or nothing, and what stands there was left as it is. */
export function keptHeader(changes: readonly WriteChange[]): string | undefined {
  return list(
    changes.flatMap(({ class: name, kept, putBack }) =>
      name === undefined ? [] : [{ name, count: kept + putBack }],
    ),
  )
}

/** What was taken out of texts of the request before the helpdesk got it. */
export function redactedHeader(changes: readonly InboundChange[]): string | undefined {
  return list(changes.map(({ class: name, count }) => ({ name, count })))
}

interface Counted {
  readonly name: string
  readonly count: number
}

function list(classes: readonly Counted[]): string | undefined {
  if (classes.length === 0) return undefined
  const counted = classes.filter(({ count }) => count > 0).slice(0, CLASSES_MAX)
  if (counted.length === 0) return undefined
  return counted.map(({ name, count }) => `${name};n=${count}`).join(', ')
}
