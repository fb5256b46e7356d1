/** Builds operators as a policy would, and applies them to single values as the rewriter would. */
import { strict as assert } from 'node:assert'
import { parse } from 'yaml'
import { DEFAULT_LIMITS } from '../../../src/json/limits.ts'
import type { Edit, EditContext, Leaf } from '../../../src/json/program-source.ts'
import { DEFAULT_COUNTRIES, RECOGNIZERS } from '../../../src/recognizers/registry.ts'
import { CONFIDENCE_MIN } from '../../../src/recognizers/scanner.ts'
import type {
  OperatorEnvironment,
  OperatorInstance,
  ScannedClasses,
} from '../../../src/rules/operator.ts'
import { buildOperator } from '../../../src/rules/operators/registry.ts'

/** A pseudonymizer that shows what it was asked, a tokenizer that turns digits round: for tests, and for nothing else. */
export const ENVIRONMENT: OperatorEnvironment = {
  dataClass: 'contact.email',
  get classes() {
    return CLASSES
  },
  pseudonymizer: {
    version: 1,
    pseudonym: (domain, value) =>
      Buffer.from(`${value}|${domain}|padding up to twenty-two`).toString('base64url').slice(0, 22),
  },
  tokenizer: {
    version: 1,
    tokenize: (_domain, digits) => digits.replaceAll(/[0-9]/g, (digit) => `${9 - Number(digit)}`),
  },
}

/** The classes that `scan` finds in the tests of operators. */
export const CLASSES: ScannedClasses = {
  names: ['payment.card', 'contact.email', 'contact.phone', 'text.note'],
  recognizersOf: (name) =>
    RECOGNIZERS.filter(({ dataClass }) => dataClass === name).map((recognizer) => ({
      recognizer,
      dataClass: name,
      settings: { countries: DEFAULT_COUNTRIES },
      allowed: [],
      atLeast: CONFIDENCE_MIN,
    })),
  maskOf: (name) => operator(MASKS[name] ?? 'redact'),
}

const MASKS: Readonly<Record<string, string>> = {
  'payment.card': '{ keepLast: 4 }',
  'contact.email': 'email',
}

export const CONTEXT: EditContext = { count: () => {}, limits: DEFAULT_LIMITS, reader: undefined }

/** The operator of a `mask:` value in YAML. */
export function operator(mask: string): OperatorInstance {
  return buildOperator(parse(mask), ENVIRONMENT)
}

/** A JSON value that is no container, as the rewriter hands it to a transform. */
export function leafOf(json: string): Leaf {
  const value: unknown = JSON.parse(json)
  if (typeof value === 'string') return { type: 'string', text: value }
  if (typeof value === 'number') return { type: 'number', text: json }
  if (typeof value === 'boolean') return { type: 'boolean', text: value ? 'true' : 'false' }
  assert.equal(value, null)
  return { type: 'null', text: 'null' }
}

/** The JSON text that stands in the answer instead of this JSON text; `removed` where nothing does. */
export function masked(instance: OperatorInstance, json: string, context = CONTEXT): string {
  return applied(instance.leaf, json, context)
}

/** The masked text of a string value, for operators that always answer a string to a string. */
export function maskedText(instance: OperatorInstance, text: string): string {
  const value: unknown = JSON.parse(masked(instance, JSON.stringify(text)))
  assert(typeof value === 'string')
  return value
}

function applied(edit: Edit, json: string, context: EditContext): string {
  if (edit.kind === 'suppress') return 'removed'
  if (edit.kind === 'constant') return edit.json.toString()
  const leaf = leafOf(json)
  if (edit.kind === 'by-type') return leaf.type === 'null' ? 'null' : edit[leaf.type].toString()
  const result = edit.apply(leaf, context)
  switch (result.kind) {
    case 'string':
      return JSON.stringify(result.text)
    case 'json':
      return result.json.toString()
    case 'keep':
      return json
    default:
      return assert.fail('no operator here needs keys')
  }
}
