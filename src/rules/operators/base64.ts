/** `base64`: the string is text in base64, and an operator is applied to what it says. */
import { strict as assert } from 'node:assert'
import { Buffer, isUtf8 } from 'node:buffer'
import type { Edit, EditContext, Leaf, OperatorDefinition } from '../operator.ts'
import type { Transformed } from '../../json/program-source.ts'
import { defineOperator } from './shared/define-operator.ts'
import type { BuildOperator } from './shared/inner-operator.ts'
import { MASK_VALUE, nestedScan, refuseSuppress } from './shared/inner-operator.ts'
import { KEEP, REDACTED, REDACTED_RESULT, textOfJson } from './shared/marks.ts'
import type { MaskNested, Nested } from './shared/nested-document.ts'
import { createNestedMask } from './shared/nested-document.ts'

// Mail software breaks lines (RFC 2045 6.8).
const LINE_BREAKS = /[\r\n]+/g
const NO_DOCUMENT: Nested = { kind: 'other' }

// As JSON, so that it is not taken for a text to be encoded.
const REDACTED_AS_IS: Transformed = { kind: 'json', json: JSON.stringify(REDACTED) }
const DOCUMENT = /^[ \t\r\n]*[{[]/

/** The operator, given what builds the one inside. */
export function createBase64Operator(buildInner: BuildOperator): OperatorDefinition {
  return defineOperator({
    name: 'base64',
    summary:
      'For a string that is UTF-8 text in base64 or base64url: applies the operator inside to the text, or to each leaf where the text is a JSON object or array, and encodes the result again, in one line. What is not base64 of text is redacted.',
    parameters: MASK_VALUE,
    example: '{ base64: redact }',
    build: (maskValue, environment) => {
      const inner = buildInner(maskValue, environment)
      refuseSuppress('base64', inner)
      return {
        name: 'base64',
        id: `base64(${inner.id})`,
        leaf: base64Edit(inner.leaf),
        container: undefined,
        partial: inner.partial,
        ...nestedScan(inner, base64Edit),
      }
    },
  })
}

function base64Edit(edit: Edit): Edit {
  const maskNested = createNestedMask(edit)
  return {
    kind: 'transform',
    apply: (value, context) => {
      if (value.type === 'null' || value.text === '') return KEEP
      const found = value.type === 'string' ? decode(value.text) : undefined
      if (found === undefined) return REDACTED_RESULT
      const masked = maskedText(found.text, { edit, maskNested, context })
      return masked.kind === 'string' ? encoded(masked.text, found) : masked
    },
  }
}

interface Decoded {
  readonly text: string
  readonly encoding: 'base64' | 'base64url'
  readonly padded: boolean
}

/** Strict: alphabet, padding and unused bits as RFC 4648 3.5 has them, so that no reader finds other text than we do. */
function decode(source: string): Decoded | undefined {
  const written = source.replaceAll(LINE_BREAKS, '')
  for (const encoding of ['base64', 'base64url'] as const) {
    const bytes = Buffer.from(written, encoding)
    const canonical = bytes.toString(encoding)
    const padded = canonical === written
    if (padded || canonical.replace(/=+$/, '') === written) {
      return isUtf8(bytes) ? { text: bytes.toString(), encoding, padded } : undefined
    }
  }
  return undefined
}

function encoded(text: string, { encoding, padded }: Decoded): Transformed {
  const written = Buffer.from(text).toString(encoding)
  return { kind: 'string', text: padded ? written : written.replace(/=+$/, '') }
}

interface Inner {
  readonly edit: Edit
  readonly maskNested: MaskNested
  readonly context: EditContext
}

/** The masked text as a string result, or the answer for the whole value. */
function maskedText(text: string, { edit, maskNested, context }: Inner): Transformed {
  // A bare number or string is more likely text than a document; the operator takes it as a string.
  const nested = DOCUMENT.test(text) ? maskNested(text, context) : NO_DOCUMENT
  switch (nested.kind) {
    case 'masked':
      return nested.text === text ? KEEP : { kind: 'string', text: nested.text }
    case 'need':
      return nested
    case 'refused':
      return REDACTED_AS_IS
    default:
      return appliedToText(edit, { type: 'string', text }, context)
  }
}

function appliedToText(edit: Edit, value: Leaf, context: EditContext): Transformed {
  assert(edit.kind !== 'suppress', 'refused when the operator was built')
  if (edit.kind === 'constant') return { kind: 'string', text: textOfJson(edit.json) }
  assert(edit.kind === 'transform', 'masking by type has no name in policies')
  const result = edit.apply(value, context)
  return result.kind === 'json' ? { kind: 'string', text: textOfJson(result.json) } : result
}
