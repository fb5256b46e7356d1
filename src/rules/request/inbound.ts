/**
 * Personal data that people write into texts of a request, and what becomes of it before the helpdesk gets it. Pure: says which
 * strings are to be written instead, how much was found of which class, and which places are refused.
 */
import type { InboundChange } from '../../core/audit-facts.ts'
import type { Limits } from '../../json/limits.ts'
import { RECOGNIZERS } from '../../recognizers/registry.ts'
import { isScannable, rewriteText } from '../../recognizers/rewrite-text.ts'
import type { Scanner } from '../../recognizers/scanner.ts'
import { byConfidence } from '../../recognizers/span.ts'
import type { Precedence, Span } from '../../recognizers/span.ts'
import type { EditContext, OperatorInstance } from '../operator.ts'
import { REDACTED } from '../operators/shared/marks.ts'
import { concealed } from '../operators/shared/scan-edit.ts'
import { leafAt } from '../writes/leaf.ts'
import { locationText, stepsTo } from '../writes/location.ts'
import type { CoveredBody } from './cover.ts'
import type { StringEdits } from './read-body.ts'

/** What happens to a value of a class: a marker takes its place, its class's operator conceals it, or the request is refused. */
export type InboundAction = InboundChange['action']

export interface InboundRules {
  readonly scanner: Scanner
  /** By class. */
  readonly actions: ReadonlyMap<string, InboundAction>
  readonly maskOf: (dataClass: string) => OperatorInstance
  /** Classes of texts: what a body has of these is looked through as well. */
  readonly textClasses: ReadonlySet<string>
}

export interface InboundResult {
  readonly edits: StringEdits
  /** One entry for each class and action; empty where nothing was found. */
  readonly changes: readonly InboundChange[]
  /** Where a value stands that is refused, or a text that cannot be looked through. Normalized paths of the caller's own body. */
  readonly refused: readonly string[]
}

/** Places that a refusal names. */
const PLACES_MAX = 50

const BY_CONFIDENCE = byConfidence(RECOGNIZERS.map(({ name }) => name))
const STRICTNESS: readonly InboundAction[] = ['refuse', 'redact', 'mask']

/** Looks through every text of the body. Takes time in proportion to it. */
export function takeOut(body: CoveredBody, rules: InboundRules, limits: Limits): InboundResult {
  const counts = new Map<string, number>()
  const edits = new Map<number, string>()
  const refused: string[] = []
  const actionOf = ({ dataClass }: Span) => rules.actions.get(dataClass) ?? 'redact'
  const precedence: Precedence = (a, b) =>
    STRICTNESS.indexOf(actionOf(a)) - STRICTNESS.indexOf(actionOf(b)) || BY_CONFIDENCE(a, b)
  const context: EditContext = { count: () => {}, limits, reader: undefined }
  for (const node of textNodes(body, rules)) {
    const leaf = leafAt(body.tape, node)
    // A number can be a card, too.
    if (leaf?.type !== 'string' && leaf?.type !== 'number') continue
    let isRefused = false
    const decide = (span: Span): string | undefined => {
      const action = actionOf(span)
      const text = replacement(span, action, rules, context)
      if (text === undefined && action !== 'refuse') return undefined
      counts.set(span.dataClass, (counts.get(span.dataClass) ?? 0) + 1)
      isRefused ||= action === 'refuse'
      return text
    }
    const plan = { scanner: rules.scanner, precedence, decide }
    const text = isScannable(leaf.text) ? rewriteText(leaf.text, plan) : undefined
    if (text === undefined || isRefused) {
      if (refused.length < PLACES_MAX) {
        refused.push(locationText(stepsTo(body.tape, node), () => true))
      }
    } else if (text !== leaf.text) edits.set(node, text)
  }
  const changes = [...counts].map(([dataClass, count]) => ({
    class: dataClass,
    action: rules.actions.get(dataClass) ?? 'redact',
    count,
  }))
  return { edits, changes, refused }
}

/** Strings of free text, and those of classes of texts. */
function textNodes(
  { tape, text, classed }: CoveredBody,
  { textClasses }: InboundRules,
): ReadonlySet<number> {
  const nodes = new Set(text)
  for (const { node, dataClass } of classed) {
    if (!textClasses.has(dataClass)) continue
    const after = tape.next[node] ?? 0
    for (let below = node; below < after; below += 1) nodes.add(below)
  }
  return nodes
}

function replacement(
  span: Span,
  action: InboundAction,
  { maskOf }: InboundRules,
  context: EditContext,
): string | undefined {
  if (action === 'refuse') return undefined
  if (action === 'redact') return REDACTED
  const needed: string[] = []
  const text = concealed(span, maskOf(span.dataClass), context, needed)
  // A key that is not here makes no mask; the marker tells less.
  return needed.length > 0 ? REDACTED : text
}
