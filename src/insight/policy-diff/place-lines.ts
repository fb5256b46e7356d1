/** The lines of both policies that cover one place, and how the place is told by them. */
import type { CoverPair } from './cover-pairs.ts'
import type { FollowedLine } from './sight.ts'

/** What no line of either policy names. */
const UNNAMED = '(what no line names)'

/** The queries that cover the place, those that only one policy has there first. */
export function atOf(
  pair: CoverPair,
  old: readonly FollowedLine[],
  now: readonly FollowedLine[],
): string {
  const covering = [
    ...differing(pair, old, now),
    ...linesAt(pair.before, old),
    ...linesAt(pair.after, now),
  ]
  const texts = new Set(covering.map(({ query }) => query.text))
  return texts.size === 0 ? UNNAMED : [...texts].join(' & ')
}

/** Lines that only one policy has there, by their texts. */
export function differingLines(
  pair: CoverPair,
  old: readonly FollowedLine[],
  now: readonly FollowedLine[],
): readonly string[] {
  return differing(pair, old, now).map(keyOf)
}

function differing(
  pair: CoverPair,
  old: readonly FollowedLine[],
  now: readonly FollowedLine[],
): readonly FollowedLine[] {
  const [before, after] = [linesAt(pair.before, old), linesAt(pair.after, now)]
  const [keysBefore, keysAfter] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))]
  return [
    ...before.filter((line) => !keysAfter.has(keyOf(line))),
    ...after.filter((line) => !keysBefore.has(keyOf(line))),
  ]
}

function linesAt(
  indices: readonly number[],
  lines: readonly FollowedLine[],
): readonly FollowedLine[] {
  return indices.flatMap((index) => lines[index] ?? [])
}

/** The same for lines that say the same. */
export function keyOf({ query, means }: FollowedLine): string {
  return JSON.stringify([query.text, means])
}
