/** `scan`: personal data found in free text, each value concealed by the operator of its class. */
import { strict as assert } from 'node:assert'
import { closest } from '../../core/closest.ts'
import type { Transformed } from '../../json/program-source.ts'
import { RECOGNIZERS } from '../../recognizers/registry.ts'
import { isScannable, rewriteText } from '../../recognizers/rewrite-text.ts'
import { createScanner } from '../../recognizers/scanner.ts'
import type { Scanner } from '../../recognizers/scanner.ts'
import { byConfidence } from '../../recognizers/span.ts'
import type { Precedence, Span } from '../../recognizers/span.ts'
import type {
  Edit,
  EditContext,
  Leaf,
  OperatorEnvironment,
  OperatorInstance,
  ScannedClasses,
  ScanView,
} from '../operator.ts'
import { OperatorParameterError } from './errors.ts'
import { defineOperator } from './shared/define-operator.ts'
import { KEEP, MARK, REDACTED, REDACTED_RESULT, textOfJson } from './shared/marks.ts'

const BY_CONFIDENCE = byConfidence(RECOGNIZERS.map(({ name }) => name))

/** Stands in programs of no role set, where no class is seen in clear and nothing is counted. */
const NOBODY: ScanView = { isShown: () => false, count: () => {}, countLocation: () => {} }

export const scan = defineOperator<readonly string[]>({
  name: 'scan',
  summary:
    'Looks in free text, also of HTML, Markdown and mail headers, for data of the listed classes, and conceals each value by the operator of its class. The rest of the text stays; a text of more than 1,048,576 characters is redacted whole.',
  parameters: {
    type: 'array',
    items: { type: 'string' },
    minItems: 1,
    maxItems: 64,
    uniqueItems: true,
  },
  example: '{ scan: [payment.card, contact.email] }',
  build: (names, environment) => {
    for (const name of names) checkClass(name, environment)
    const { classes } = environment
    const scanner = createScanner(names.flatMap((name) => classes.recognizersOf(name)))
    const bind = (view: ScanView): Edit => scanEdit({ scanner, classes, view })
    return {
      name: 'scan',
      id: `scan(${names.toSorted().join(', ')})`,
      leaf: bind(NOBODY),
      container: undefined,
      partial: true,
      scan: {
        classes: names,
        countsLocation: true,
        bind,
        mayHoldMask: (text) => names.some((name) => mayHold(text, classes.maskOf(name))),
      },
    }
  },
})

function checkClass(name: string, { classes }: OperatorEnvironment): void {
  if (!classes.names.includes(name)) {
    const near = closest(name, classes.names)
    throw new OperatorParameterError(
      `operator scan: unknown class \`${name}\`${near === undefined ? '' : `; did you mean ${near}?`}`,
    )
  }
  if (classes.recognizersOf(name).length === 0) {
    throw new OperatorParameterError(
      `operator scan: nothing finds \`${name}\` in text; name recognizers or patterns under classes.${name}.find`,
    )
  }
}

/** Operators whose results hold {@link MARK}. */
const MARKING: ReadonlySet<string> = new Set(
  'keepFirst keepLast keepBoth email phone card iban'.split(' '),
)
const NETWORK = /\/(?:24|48)(?!\d)/

/** Whether a text may hold a result of the operator. What it makes of other values is redacted. */
function mayHold(text: string, { name, leaf }: OperatorInstance): boolean {
  if (text.includes(REDACTED)) return true
  if (leaf.kind === 'constant') return text.includes(textOfJson(leaf.json))
  if (leaf.kind === 'suppress') return false
  if (MARKING.has(name)) return text.includes(MARK)
  return name === 'ip' ? NETWORK.test(text) : true
}

interface Scan {
  readonly scanner: Scanner
  readonly classes: ScannedClasses
  readonly view: ScanView
}

function scanEdit(scan: Scan): Edit {
  const { isShown } = scan.view
  // What must be concealed decides where it overlaps with what is seen in clear.
  const precedence: Precedence = (a, b) =>
    Number(isShown(a.dataClass)) - Number(isShown(b.dataClass)) || BY_CONFIDENCE(a, b)
  return {
    kind: 'transform',
    apply: (value, context) => {
      if (value.type === 'null' || value.text === '') return KEEP
      if (!isScannable(value.text)) {
        scan.view.countLocation(context, 'hidden')
        return REDACTED_RESULT
      }
      return scanned(value, context, { ...scan, precedence })
    },
  }
}

function scanned(
  value: Leaf,
  context: EditContext,
  { scanner, classes, view, precedence }: Scan & { readonly precedence: Precedence },
): Transformed {
  const needed: string[] = []
  const text = rewriteText(value.text, {
    scanner,
    precedence,
    decide: (span) => {
      if (view.isShown(span.dataClass)) {
        view.count(context, span.dataClass, 'shown')
        return undefined
      }
      const mask = classes.maskOf(span.dataClass)
      view.count(context, span.dataClass, mask.partial ? 'part' : 'hidden')
      return concealed(span, mask, context, needed)
    },
  })
  if (needed.length > 0) return { kind: 'need', keyIds: needed }
  view.countLocation(context, text === value.text ? 'shown' : 'part')
  return text === value.text ? KEEP : { kind: 'string', text }
}

/** What stands in the place of a span; undefined where it is concealed already. */
function concealed(
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
