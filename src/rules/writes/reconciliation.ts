/** What every part of a reconciliation works with, and the two things that can become of a value. */
import { sourceOf } from '../../json/tape/children.ts'
import type { Splices } from '../../json/splice.ts'
import { copyOf, type Draft, type Tapes } from './draft.ts'
import type { Findings } from './findings.ts'
import {
  isHiddenByNoClass,
  isListed,
  isNamedInRequest,
  mayWrite,
  type Permission,
} from './permission.ts'
import type { RecordView } from './record-view.ts'
import type { WriteFormat, WriteRules } from './write-rules.ts'

/** What a request is held against, and where it is written down what came of it. */
export interface Reconciliation {
  readonly tapes: Tapes
  readonly record: RecordView
  readonly rules: WriteRules
  readonly format: WriteFormat
  readonly permission: Permission
  readonly splices: Splices
  readonly findings: Findings
  /** {@link Reconcile} for the parts of a container. */
  readonly reconcile: Reconcile
}

/**
 * What stands in the record after the value `b` of the request came to the place of `c`, -1 where nothing is there. Edits go to
 * `splices`, what cannot be to `findings`.
 */
export type Reconcile = (context: Reconciliation, b: number, c: number, place: Place) => Draft

/** What surrounds a value of the request. */
export interface Place {
  /** True where the value's absence would leave the record as it is. */
  readonly canDrop: boolean
  /** True where the members of an object here may be merged one by one. */
  readonly merges: boolean
  /** True where members that an object here lacks may stay, or may not: then those unseen are put back all the same. */
  readonly overlays?: boolean
  /** What is taken out where the value would be: the operation of a patch that brings it. */
  readonly dropAs?: number
}

/** A part of something that takes the place of another. */
export const REPLACED: Place = { canDrop: false, merges: false }

/**
 * What came back as it is stays. What the route does not name in requests is not sent then, if it need not be: that would undo
 * what somebody else does to it at the same time.
 */
export function leave(context: Reconciliation, b: number, c: number, place: Place): Draft {
  if (place.canDrop && !isListed(context.permission, b)) context.splices.drop(b)
  return copyOf('record', c)
}

/** What came back masked stays what it is: taken out of the request, replaced by what is there, or refused. */
export function keep(context: Reconciliation, b: number, c: number, place: Place): Draft {
  const { rules, format, splices, findings, record, tapes } = context
  const isUpstreams = record.isUpstreams(c)
  if (rules.returned === 'refuse' && !isUpstreams) {
    findings.refuse({ side: 'request', node: b })
    return copyOf('record', c)
  }
  // What is put into a merge patch is merged, and the nulls in it remove: there is no other way than to leave it out.
  const drops = rules.returned === 'remove' || format === 'merge-patch'
  if (isUpstreams || (drops && place.canDrop)) splices.drop(place.dropAs ?? b)
  else splices.put(b, sourceOf(tapes.record, c))
  findings.countPlaces('kept', record.sight, c)
  return copyOf('record', c)
}

/** Another value comes to the place of `c`: only where everything hidden in there may be set. */
export function overwrite(context: Reconciliation, b: number, c: number): Draft {
  const { record, findings } = context
  if (!giveAway(context, c, b)) {
    if (passOver(context, c, b)) return copyOf('request', b)
    findings.refuse({ side: 'request', node: b })
    return copyOf('record', c)
  }
  const places = [c, ...record.sight.hiddenPlaces(c)]
  findings.over.set(
    b,
    places.map((place) => record.sight.of(place)),
  )
  return copyOf('request', b)
}

/**
 * True where the subject does not even see that `c` is there: then all goes on as if it were not, up to the refusal. `b` is what
 * is refused where nothing else is.
 */
export function passOver({ record, findings }: Reconciliation, c: number, b: number): boolean {
  if (!record.sight.isSuppressed(c)) return false
  findings.unseen.push(b)
  for (const place of record.sight.hiddenPlaces(c)) findings.given.add(place)
  return true
}

/** True where everything hidden in `c` may go; `b` is the value of the request that comes in its place, if one does. */
export function giveAway(
  { record, permission, findings }: Reconciliation,
  c: number,
  b?: number,
): boolean {
  const places = [...record.sight.hiddenPlaces(c)]
  const allowed = places.every((place) => {
    if (record.sight.hidesName(place)) return false
    const sight = record.sight.of(place)
    const isNamed = b !== undefined && isNamedInRequest(permission, b, place)
    return mayWrite(permission, sight) || (isNamed && isHiddenByNoClass(sight))
  })
  if (allowed) for (const place of places) findings.given.add(place)
  return allowed
}
