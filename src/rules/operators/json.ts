/** `json`: the string holds a JSON document, and an operator is applied to each leaf of it. */
import type { Edit, EditContext, Leaf, OperatorDefinition } from '../operator.ts'
import type { Transformed } from '../../json/program-source.ts'
import { defineOperator } from './shared/define-operator.ts'
import type { BuildOperator } from './shared/inner-operator.ts'
import { MASK_VALUE, nestedScan, refuseSuppress } from './shared/inner-operator.ts'
import { KEEP, REDACTED_RESULT } from './shared/marks.ts'
import type { MaskNested } from './shared/nested-document.ts'
import { createNestedMask } from './shared/nested-document.ts'

/** The operator, given what builds the one inside. */
export function createJsonOperator(buildInner: BuildOperator): OperatorDefinition {
  return defineOperator({
    name: 'json',
    summary:
      'For a string that holds a JSON document: applies the operator inside to each leaf of it. A string that holds none is redacted.',
    parameters: MASK_VALUE,
    example: '{ json: redact }',
    build: (maskValue, environment) => {
      const inner = buildInner(maskValue, environment)
      refuseSuppress('json', inner)
      return {
        name: 'json',
        id: `json(${inner.id})`,
        leaf: jsonEdit(inner.leaf),
        container: undefined,
        partial: inner.partial,
        ...nestedScan(inner, jsonEdit),
      }
    },
  })
}

function jsonEdit(edit: Edit): Edit {
  const maskNested = createNestedMask(edit)
  return {
    kind: 'transform',
    apply: (value, context) => maskedDocument(value, context, maskNested),
  }
}

/** Null and the empty string stay; numbers and booleans are no strings that hold a document. */
function maskedDocument(value: Leaf, context: EditContext, maskNested: MaskNested): Transformed {
  if (value.type === 'null' || value.text === '') return KEEP
  if (value.type !== 'string') return REDACTED_RESULT
  const nested = maskNested(value.text, context)
  switch (nested.kind) {
    case 'masked':
      return nested.text === value.text ? KEEP : { kind: 'string', text: nested.text }
    case 'need':
      return nested
    default:
      return REDACTED_RESULT
  }
}
