/**
 * In which form a value leaves, and which of two forms tells more. The order is the published one (suppress, redact, every other
 * operator, show), made finer where nobody can doubt it; what it does not order is unclear.
 */
import type { OperatorInstance } from '../../rules/operator.ts'
import type { Direction } from './change.ts'

/** A form by its canonical text, and how little of the value it leaves. */
export interface Form {
  readonly id: string
  readonly rank: number
  /** Of a form that looks into texts: the classes it looks for. */
  readonly finds?: readonly string[] | undefined
  /** True where objects and arrays keep their shape and their names, and only what is in them is replaced. */
  readonly shape?: boolean
}

export const CLEAR: Form = { id: 'show', rank: 0 }
/** A link of the helpdesk, led to the gateway: it says what it said. */
export const LINK: Form = { id: 'link', rank: 1 }
const TEXT_RANK = 2
const PART_RANK = 3
const WHOLE_RANK = 4
export const SEALED: Form = { id: 'cursor', rank: WHOLE_RANK, shape: true }
/** What no line names, masked by its type. */
export const UNLISTED: Form = { id: 'mask', rank: WHOLE_RANK, shape: true }
/** Where several operators meet. */
export const REDACTED: Form = { id: 'redact', rank: WHOLE_RANK }
const SUPPRESS_RANK = 5

/** The form that an operator leaves. */
export function formOf({ id, name, partial, scan, container }: OperatorInstance): Form {
  if (name === 'suppress') return { id, rank: SUPPRESS_RANK }
  if (scan !== undefined) return { id, rank: TEXT_RANK, finds: scan.classes }
  const hidden = !partial && !NESTING.has(name)
  return { id, rank: hidden ? WHOLE_RANK : PART_RANK, shape: container === undefined }
}

/** What they are given is a document: its names and its shape stay. */
const NESTING: ReadonlySet<string> = new Set(['json', 'base64'])

/** What becomes of a value that left in one form and leaves in another. */
export function compareForms(before: Form, after: Form): Direction {
  if (before.id === after.id) return 'neutral'
  if (before.rank !== after.rank) return before.rank < after.rank ? 'stricter' : 'looser'
  if (before.rank === WHOLE_RANK) return compareShapes(before, after)
  if (before.finds !== undefined && after.finds !== undefined)
    return compareFinds(before.finds, after.finds)
  return compareParts(before.id, after.id)
}

function compareFinds(before: readonly string[], after: readonly string[]): Direction {
  if (before.some((name) => !after.includes(name))) return 'looser'
  return after.length > before.length ? 'stricter' : 'unclear'
}

// Nothing of a value is in either.
function compareShapes({ shape: before = false }: Form, { shape: after = false }: Form): Direction {
  return before === after ? 'neutral' : after ? 'looser' : 'stricter'
}

/** Operators whose numbers say how many characters stay. */
const KEPT = /^(keepFirst|keepLast|keepBoth|card)\((\d+(?:, \d+)*)\)$/
const DATES: readonly string[] = ['date(decade)', 'date(year)', 'date(month)']

function compareParts(before: string, after: string): Direction {
  const kept = compareKept(KEPT.exec(before), KEPT.exec(after))
  if (kept !== undefined) return kept
  const [dateBefore, dateAfter] = [DATES.indexOf(before), DATES.indexOf(after)]
  if (dateBefore !== -1 && dateAfter !== -1) return dateAfter > dateBefore ? 'looser' : 'stricter'
  return 'unclear'
}

function compareKept(
  before: RegExpExecArray | null,
  after: RegExpExecArray | null,
): Direction | undefined {
  if (before === null || after === null || before[1] !== after[1]) return undefined
  const [old = [], now = []] = [before, after].map((one) => (one[2] ?? '').split(', ').map(Number))
  if (old.length !== now.length) return undefined
  if (now.every((count, index) => count <= (old[index] ?? 0))) return 'stricter'
  return now.every((count, index) => count >= (old[index] ?? 0)) ? 'looser' : 'unclear'
}
