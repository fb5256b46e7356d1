/** Judges of one key of the policy: which way a change of its value goes. Undefined stands for a key that is left out. */
import { parseDuration } from '../../core/duration.ts'
import type { Direction } from './change.ts'

/** `inside`: look at its parts instead. */
export type Judge = (before: unknown, after: unknown) => Direction | 'inside'

/** Plays no part in who sees what. */
export const neutral: Judge = () => 'neutral'
/** Told elsewhere, by what it makes visible. */
export const elsewhere: Judge = () => 'neutral'

/** A control: without it there is less. Another one in its place is unclear. */
export const control: Judge = (before, after) =>
  before === undefined
    ? 'stricter'
    : after === undefined
      ? 'looser'
      : insideOrUnclear(before, after)

/** Something that is granted: with it there is more. Another one in its place is unclear. */
export const grant: Judge = (before, after) =>
  before === undefined
    ? 'looser'
    : after === undefined
      ? 'stricter'
      : insideOrUnclear(before, after)

/** Nothing uses it by itself: what does, tells. One that goes is refused by what needs it. */
export const added: Judge = (before, after) =>
  before === undefined || after === undefined ? 'neutral' : insideOrUnclear(before, after)

/** A part that is there or not, whatever that means: its own parts tell. */
export const inside: Judge = () => 'inside'

/** What a list is that is left out: empty, everything there is, or something that another key says. */
type Otherwise = 'none' | 'all' | 'another key'

/** A list in which each entry is granted. */
export const granted =
  (otherwise: Otherwise = 'none'): Judge =>
  (before, after) =>
    compareSets(listOf(before, otherwise), listOf(after, otherwise))

/** A list in which each entry is a control. */
export const controls =
  (otherwise: Otherwise = 'none'): Judge =>
  (before, after) =>
    compareSets(listOf(after, otherwise), listOf(before, otherwise))

/** Words from the strictest to the loosest. Left out, it is `otherwise`; a word that is none of them is unclear. */
export const words =
  (order: readonly unknown[], otherwise: unknown): Judge =>
  (before, after) => {
    const [old, now] = [before ?? otherwise, after ?? otherwise].map((one) => order.indexOf(one))
    return old === -1 || now === -1 || old === undefined || now === undefined
      ? 'unclear'
      : byNumber(old, now)
  }

/** A number or a time of which more is looser. Left out, it is `otherwise`. */
export const more =
  (otherwise: number | string): Judge =>
  (before, after) =>
    byNumber(amountOf(before ?? otherwise), amountOf(after ?? otherwise))

/** A number or a time of which less is looser. */
export const less =
  (otherwise: number | string): Judge =>
  (before, after) =>
    reversed(more(otherwise)(before, after) as Direction)

/** How long something is kept: longer is looser, and shorter takes evidence away. Left out, it is kept for good. */
export const kept: Judge = (before, after) =>
  more('for good')(before, after) === 'looser' ? 'looser' : 'unclear'

/** Another one in its place is unclear, and so is one that came or went. */
export const unclear: Judge = () => 'unclear'

/** `acr` and `amr` of a level: one of all is enough, and none at all lets everybody. */
export const level: Judge = (before, after) => {
  if (!isObject(before) || !isObject(after)) return before === undefined ? 'neutral' : 'unclear'
  const values = compareSets(meeting(before), meeting(after))
  const age = more('for good')(before['maxAge'], after['maxAge']) as Direction
  return ORDER.find((direction) => direction === values || direction === age) ?? 'neutral'
}

/** What counts where parts go several ways. */
const ORDER = ['looser', 'unclear', 'stricter'] as const

function meeting(entry: Readonly<Record<string, unknown>>): ReadonlySet<string> | 'all' {
  const values = ['acr', 'amr'].flatMap((name) => {
    const list = entry[name]
    return Array.isArray(list) ? list.map((value) => `${name} ${String(value)}`) : []
  })
  return values.length === 0 ? 'all' : new Set(values)
}

/** True of a map, not of a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function insideOrUnclear(before: unknown, after: unknown): 'inside' | 'unclear' {
  return isObject(before) && isObject(after) ? 'inside' : 'unclear'
}

type Listed = ReadonlySet<string> | 'all' | 'another key'

function listOf(value: unknown, otherwise: Otherwise): Listed {
  if (value === undefined) return otherwise === 'none' ? new Set() : otherwise
  return new Set((Array.isArray(value) ? value : [value]).map((one) => JSON.stringify(one)))
}

function compareSets(before: Listed, after: Listed): Direction {
  if (before === 'another key' || after === 'another key') return 'unclear'
  if (before === 'all') return after === 'all' ? 'neutral' : 'stricter'
  if (after === 'all') return 'looser'
  if (!after.isSubsetOf(before)) return 'looser'
  return before.isSubsetOf(after) ? 'neutral' : 'stricter'
}

function reversed(direction: Direction): Direction {
  return direction === 'looser' ? 'stricter' : direction === 'stricter' ? 'looser' : direction
}

function byNumber(before: number, after: number): Direction {
  if (Number.isNaN(before) || Number.isNaN(after)) return 'unclear'
  return after > before ? 'looser' : after < before ? 'stricter' : 'neutral'
}

function amountOf(value: unknown): number {
  if (value === 'for good') return Number.POSITIVE_INFINITY
  if (typeof value === 'number') return value
  const text = String(value)
  return parseDuration(text) ?? Number(/^(\d+)\/day$/.exec(text)?.[1] ?? Number.NaN)
}
