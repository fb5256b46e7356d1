/**
 * Recognises masks that come back. Only what an operator makes of the value that is there now counts as returned; how a
 * value looks decides nothing but a refusal.
 */
import type { Limits } from '../../json/limits.ts'
import type { Leaf } from '../../json/program-source.ts'
import type { OperatorInstance } from '../operator.ts'
import { MASKED_TEXT, maskByType } from '../operators/mask-by-type.ts'
import { REDACT } from '../operators/redact.ts'
import type { DocumentSight } from './document-sight.ts'
import { leafAt, mayBeReturned, sameLeaf } from './leaf.ts'
import { shownAs } from './shown-as.ts'

/** The mark that routes which do not name a location put in the place of texts. */
const MARK: Leaf = { type: 'string', text: MASKED_TEXT }

/**
 * What stands at a node for the subject: its present mask first, then what a token with fewer of the same roles was shown,
 * and a route that does not name the location. None of them tells more than the first, not even of what type the value is.
 */
export function shownLeaves(document: DocumentSight, node: number): readonly Leaf[] {
  const { tape } = document
  const { mask, otherMasks } = document.of(node)
  const raw = leafAt(tape, node)
  const { limits } = document.sights.rules
  const under = (operator: OperatorInstance) => shownAs(operator, raw, limits)
  if (document.isSuppressed(node)) return []
  if (mask !== undefined) {
    return [...[mask, ...otherMasks].flatMap((operator) => under(operator) ?? []), MARK]
  }
  // What is seen may be set, also to what its mask would be; but a text that is a mask is hardly meant.
  return [...otherMasks, maskByType()].flatMap((operator) => {
    const shown = under(operator)
    return shown?.type === 'string' && raw !== undefined && !sameLeaf(shown, raw) ? shown : []
  })
}

/** True where the leaf `returned` is one of {@link shownLeaves}. */
export function isReturned(returned: Leaf, document: DocumentSight, node: number): boolean {
  return shownLeaves(document, node).some((shown) => mayBeReturned(returned, shown))
}

/** True where the mask at `node` leaves the value as it is and `leaf` is that value: there is nothing to keep or to lose. */
export function isUnchanged(leaf: Leaf, document: DocumentSight, node: number): boolean {
  const raw = leafAt(document.tape, node)
  if (raw === undefined || !sameLeaf(leaf, raw)) return false
  const { mask } = document.of(node)
  if (mask === undefined) return true
  const shown = shownAs(mask, raw, document.sights.rules.limits)
  return shown !== undefined && sameLeaf(shown, raw)
}

/** False for an operator whose results look like values: tokens are numbers like others, and so is any keyed form in an encoding. */
export function canTellMasks({ name, id }: OperatorInstance): boolean {
  return !id.includes('tokenize(') && (name === 'pseudonymize' || !id.includes('pseudonymize('))
}

/** Pseudonyms in all their forms. They are no fixed points, so they are told by their form. */
const PSEUDONYM =
  /^(?:[A-Za-z0-9_-]{22}|(?:[bdfghjklmnprstvz][aiou]){4}-(?:[bdfghjklmnprstvz][aiou]){4}-(?:[bdfghjklmnprstvz][aiou]){3}|[0-9a-f]{32,34}@pseudonym\.invalid)$/

/** True for a text of the form of a pseudonym. */
export function isPseudonym(text: string): boolean {
  return PSEUDONYM.test(text)
}

/**
 * True where a value that is no returned mask could still be one, of a value that stood there before: a class that may be
 * written and not be seen would be overwritten by it. `operators` are those of the classes.
 */
export function couldBeMask(
  leaf: Leaf,
  operators: readonly OperatorInstance[],
  limits: Limits,
): boolean {
  if (leaf.type === 'null' || leaf.text === '') return false
  return [REDACT, maskByType(), ...operators].some((mask) => {
    if (!canTellMasks(mask)) return true
    if (mask.name === 'pseudonymize') return isPseudonym(leaf.text.trim())
    // A number or boolean by its type alone says nothing; only the text is a mark.
    if (mask === maskByType() && leaf.type !== 'string') return false
    // A text without personal data is what scanning leaves of it; only what stands for values tells.
    if (mask.scan !== undefined) return mask.scan.mayHoldMask(leaf.text)
    const shown = shownAs(mask, leaf, limits)
    return shown !== undefined && mayBeReturned(leaf, shown)
  })
}
