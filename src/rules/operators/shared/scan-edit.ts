/** What `scan` does to one text. */
import { strict as assert } from 'node:assert'
import type { Transformed } from '../../../json/program-source.ts'
import { RECOGNIZERS } from '../../../recognizers/registry.ts'
import { isScannable, rewriteText } from '../../../recognizers/rewrite-text.ts'
import type { Scanner } from '../../../recognizers/scanner.ts'
import { byConfidence } from '../../../recognizers/span.ts'
import type { Precedence, Span } from '../../../recognizers/span.ts'
import type { Edit, EditContext, Leaf, OperatorInstance, ScanView } from '../../operator.ts'
import { REDACT } from '../redact.ts'
import { KEEP, REDACTED, REDACTED_RESULT, textOfJson } from './marks.ts'

const BY_CONFIDENCE = byConfidence(RECOGNIZERS.map(({ name }) => name))

export interface Scan {
  readonly scanner: Scanner
  readonly maskOf: (dataClass: string) => OperatorInstance
  readonly view: ScanView
}

/** The edit for one role set. A text that is too long to be scanned, or for which too many values are known, is redacted. */
export function scanEdit(scan: Scan): Edit & { readonly kind: 'transform' } {
  const { isShown } = scan.view
  // What must be concealed decides where it overlaps with what is seen in clear.
  const precedence: Precedence = (a, b) =>
    Number(isShown(a.dataClass)) - Number(isShown(b.dataClass)) ||
    Number(b.redact === true) - Number(a.redact === true) ||
    BY_CONFIDENCE(a, b)
  return {
    kind: 'transform',
    apply: (value, context) => {
      if (value.type === 'null' || value.text === '') return KEEP
      if (!isScannable(value.text) || scan.view.elsewhere(context)?.overflowed === true) {
        return whole(context, scan)
      }
      return scanned(value, context, { ...scan, precedence })
    },
  }
}

function whole(context: EditContext, { view }: Scan): Transformed {
  view.countLocation(context, 'hidden')
  return REDACTED_RESULT
}

function scanned(
  value: Leaf,
  context: EditContext,
  scan: Scan & { readonly precedence: Precedence },
): Transformed {
  const { scanner, maskOf, view, precedence } = scan
  const needed: string[] = []
  const text = rewriteText(value.text, {
    scanner,
    dictionary: view.elsewhere(context),
    precedence,
    decide: (span) => {
      if (view.isShown(span.dataClass)) {
        view.count(context, span.dataClass, 'shown')
        return undefined
      }
      const mask = span.redact === true ? REDACT : maskOf(span.dataClass)
      view.count(context, span.dataClass, mask.partial ? 'part' : 'hidden')
      return concealed(span, mask, context, needed)
    },
  })
  if (text === undefined) return whole(context, scan)
  if (needed.length > 0) return { kind: 'need', keyIds: needed }
  view.countLocation(context, text === value.text ? 'shown' : 'part')
  return text === value.text ? KEEP : { kind: 'string', text }
}

/** What stands in the place of a span; undefined where it is concealed already. */
export function concealed(
  span: Span,
  { leaf }: OperatorInstance,
  context: EditContext,
  needed: string[],
): string | undefined {
  // In a text there is no member that could be removed.
  if (leaf.kind === 'suppress') return REDACTED
  if (leaf.kind === 'constant') return textOfJson(leaf.json)
  assert(leaf.kind === 'transform', 'masking by type has no name in policies')
  const result = leaf.apply({ type: 'string', text: span.text }, context)
  switch (result.kind) {
    case 'string':
      return result.text
    case 'json':
      return textOfJson(result.json)
    case 'need':
      needed.push(...result.keyIds)
      return REDACTED
    default:
      return undefined
  }
}
