/**
 * Decides on one write: what of a request may go to the upstream, held against the record read afresh. Pure; who reads, sends
 * and records is elsewhere. Everything that is not understood is refused.
 */
import type { WriteChange } from '../../core/audit-facts.ts'
import { JsonDepthError, JsonWorkError } from '../../json/errors.ts'
import type { Limits } from '../../json/limits.ts'
import type { Query } from '../../json/query/ast.ts'
import { Splices } from '../../json/splice.ts'
import type { Tape } from '../../json/tape/tape.ts'
import { hasTemplate } from '../request/template-text.ts'
import { DocumentSight } from './document-sight.ts'
import { copyOf, type Draft, type Origin, type Tapes } from './draft.ts'
import { Findings, LOCATIONS_MAX } from './findings.ts'
import { judge } from './judge.ts'
import { judgeOutside } from './judge-new.ts'
import { leafAt } from './leaf.ts'
import { reconcilePatch } from './json-patch/reconcile-patch.ts'
import { locationText, stepsTo } from './location.ts'
import type { Permission } from './permission.ts'
import { RecordShape } from './record-shape.ts'
import { nodeAt, viewRecord } from './record-view.ts'
import { reconcile } from './reconcile.ts'
import type { Reconciliation } from './reconciliation.ts'
import type { Sights } from './sight.ts'
import type { WriteFormat, WriteRules } from './write-rules.ts'

/** Nesting of requests and records of writes: some of the work on them goes down step by step. */
const DEPTH_MAX = 512

/** Bytes of a request, and of a record, that are held against each other: it is done in one go. */
export const HELD_BYTES_MAX = 524_288
/** Values of each. */
export const HELD_NODES_MAX = 20_000

/** The limits of documents that a write is about. */
export function writeLimits(limits: Limits): Limits {
  return { ...limits, depthMax: Math.min(limits.depthMax, DEPTH_MAX) }
}

/** What decides on the writes of one role set on one route. */
export interface WriteGuard {
  readonly rules: WriteRules
  /** By the queries of the route that reads the record. */
  readonly sights: Sights
  /** By the queries that the route has for the request itself. */
  readonly own: Sights
  readonly writable: ReadonlySet<string>
  /** Whether the role set sees all classes of the policy, so that no template could tell it more. */
  readonly seesAll: boolean
  /** Free text in requests: queries as those of `own`. */
  readonly text: readonly Query[]
  /** Member names that the policy spells out, so that a refusal may tell them. */
  readonly spelled: ReadonlySet<string>
}

export type WriteOutcome =
  | {
      readonly kind: 'send'
      /** The bytes of the request themselves where nothing was to be changed. */
      readonly body: Uint8Array
      readonly changes: readonly WriteChange[]
    }
  | {
      readonly kind: 'refuse'
      readonly reason: 'write-refused' | 'template-refused'
      /** Normalized paths into the request, at most so many as LOCATIONS_MAX. */
      readonly request: readonly string[]
      /** Normalized paths into the answer of the reading route. */
      readonly record: readonly string[]
      /** All of these with nothing but what the policy spells out, for the audit. */
      readonly audited: readonly string[]
    }

/** The two documents, each read strictly and within {@link writeLimits}, HELD_BYTES_MAX and HELD_NODES_MAX. */
export interface WriteDocuments {
  readonly request: Tape
  readonly record: Tape
  readonly format: WriteFormat
}

/** Decides. Never throws for anything that stands in the documents. */
export function guardWrite(guard: WriteGuard, documents: WriteDocuments): WriteOutcome {
  const { request, record } = documents
  try {
    return decided(guard, documents)
  } catch (error) {
    // Beyond what can be decided: more steps than the limit, or nested too deep once put together.
    if (!(error instanceof JsonWorkError) && !(error instanceof JsonDepthError)) throw error
    return refusal(guard, { request, record }, [{ side: 'request', node: 0 }])
  }
}

function decided(guard: WriteGuard, { request, record, format }: WriteDocuments): WriteOutcome {
  const { rules, sights, own, writable } = guard
  const tapes: Tapes = { request, record }
  const view = viewRecord(record, sights, rules)
  if (view.root < 0) return refusal(guard, tapes, [{ side: 'request', node: 0 }])
  const shapeOf = (draft: Draft, root: number) =>
    new RecordShape(draft, { tapes, own, steps: rules.record.request, root })
  const listing: Permission['listing'] =
    format === 'json-patch'
      ? { kind: 'patch', before: shapeOf(copyOf('record', view.root), view.root), shapeOf }
      : { kind: 'request', own: new DocumentSight(request, own) }
  const context: Reconciliation = {
    tapes,
    record: view,
    rules,
    format,
    permission: { writable, listing },
    splices: new Splices(request),
    findings: new Findings(),
    reconcile,
  }
  judgeAll(guard, context, reconciled(context))
  context.findings.settle()
  const { findings, splices } = context
  if (findings.refused.length > 0) return refusal(guard, tapes, findings.refused)
  if (findings.templates) return { ...refusal(guard, tapes, []), reason: 'template-refused' }
  return {
    kind: 'send',
    body: splices.empty ? request.bytes : splices.write(),
    changes: findings.changes(),
  }
}

// Also where something was refused already: the caller learns of everything at once.
function judgeAll(
  { rules, sights, own, seesAll, text }: WriteGuard,
  { tapes, record, permission, findings }: Reconciliation,
  draft: Draft,
): void {
  const { limits } = sights.rules
  const passesUnlisted = own.rules.queries.unlisted === 'show'
  const common = { permission, findings, passesUnlisted }
  const shape = judge({ ...common, tapes, record, answerSteps: rules.record.answer }, draft)
  const { listing } = permission
  if (listing.kind === 'request') {
    const root = nodeAt(tapes.request, 0, rules.record.request)
    judgeOutside(listing.own, root, { ...common, limits })
  }
  if (shape === undefined || seesAll) return
  findings.templates = shape.broughtTo(text).some((node) => isTemplate(tapes.request, node))
}

function isTemplate(tape: Tape, node: number): boolean {
  const leaf = leafAt(tape, node)
  return leaf?.type === 'string' && hasTemplate(leaf.text)
}

function reconciled(context: Reconciliation): Draft {
  const { tapes, record, rules, format } = context
  const nothing = copyOf('record', record.root)
  if (format === 'json-patch') return reconcilePatch(context) ?? nothing
  const node = nodeAt(tapes.request, 0, rules.record.request)
  if (node >= 0) return reconcile(context, node, record.root, { canDrop: false, merges: true })
  // Nobody knows what a request that replaces the record does to it where it does not have it.
  if (format === 'json' && rules.update === 'replace') {
    context.findings.refuse({ side: 'request', node: 0 })
  }
  return nothing
}

function refusal(
  { spelled }: WriteGuard,
  tapes: Tapes,
  refused: readonly Origin[],
): Extract<WriteOutcome, { kind: 'refuse' }> {
  const isSpelled = (name: string) => spelled.has(name)
  const textsOf = (side: Origin['side'], mayTell: (name: string) => boolean) => {
    const nodes = refused.filter((origin) => origin.side === side).map(({ node }) => node)
    // In the order of the document: that of finding would tell what of the record came before.
    const texts = [...new Set(nodes)]
      .toSorted((a, b) => a - b)
      .slice(0, LOCATIONS_MAX)
      .map((node) => locationText(stepsTo(tapes[side], node), mayTell))
    return [...new Set(texts)]
  }
  return {
    kind: 'refuse',
    reason: 'write-refused',
    // The names in a request are the caller's own; those of the record are only told where the policy tells them too.
    request: textsOf('request', () => true),
    record: textsOf('record', isSpelled),
    audited: [...textsOf('request', isSpelled), ...textsOf('record', isSpelled)],
  }
}
