/** `scan`: personal data found in free text, each value concealed by the operator of its class. */
import { closest } from '../../core/closest.ts'
import { createScanner, RECOGNIZERS_MAX } from '../../recognizers/scanner.ts'
import type { Edit, OperatorEnvironment, OperatorInstance, ScanView } from '../operator.ts'
import { OperatorParameterError } from './errors.ts'
import { defineOperator } from './shared/define-operator.ts'
import { MARK, REDACTED, textOfJson } from './shared/marks.ts'
import { scanEdit } from './shared/scan-edit.ts'

/** Stands in programs of no role set, where no class is seen in clear and nothing is counted. */
const NOBODY: ScanView = {
  isShown: () => false,
  elsewhere: () => undefined,
  count: () => {},
  countLocation: () => {},
}

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
    const recognizers = names.flatMap((name) => classes.recognizersOf(name))
    if (recognizers.length > RECOGNIZERS_MAX) {
      throw new OperatorParameterError(
        `operator scan: more than ${RECOGNIZERS_MAX} recognizers and patterns`,
      )
    }
    const scanner = createScanner(recognizers)
    const bind = (view: ScanView): Edit => scanEdit({ scanner, maskOf: classes.maskOf, view })
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
