/** Every operator that a policy can name, and how the value of `mask:` becomes one. */
import { closest } from '../../core/closest.ts'
import { DEFAULT_LIMITS } from '../../json/limits.ts'
import type { OperatorDefinition, OperatorEnvironment, OperatorInstance } from '../operator.ts'
import { createBase64Operator } from './base64.ts'
import { card } from './card.ts'
import { date } from './date.ts'
import { email } from './email.ts'
import { iban } from './iban.ts'
import { initials } from './initials.ts'
import { ip } from './ip.ts'
import { createJsonOperator } from './json.ts'
import { keepBoth } from './keep-both.ts'
import { keepFirst } from './keep-first.ts'
import { keepLast } from './keep-last.ts'
import { name } from './name.ts'
import { nullOperator } from './null.ts'
import { number } from './number.ts'
import { phone } from './phone.ts'
import { pseudonymize } from './pseudonymize.ts'
import { redact } from './redact.ts'
import { replace } from './replace.ts'
import { scan } from './scan.ts'
import { OperatorParameterError, OperatorUnknownError } from './errors.ts'
import { suppress } from './suppress.ts'
import { tokenize } from './tokenize.ts'
import { url } from './url.ts'

/** In the order of the documentation: what conceals most first. */
export const OPERATORS: readonly OperatorDefinition[] = [
  suppress,
  redact,
  nullOperator,
  replace,
  pseudonymize,
  tokenize,
  keepFirst,
  keepLast,
  keepBoth,
  email,
  phone,
  initials,
  name,
  card,
  iban,
  ip,
  url,
  date,
  number,
  createJsonOperator(buildOperator),
  createBase64Operator(buildOperator),
  scan,
]

const NESTING_MAX = DEFAULT_LIMITS.nestedDocumentsMax

const BY_NAME: ReadonlyMap<string, OperatorDefinition> = new Map(
  OPERATORS.map((definition) => [definition.name, definition]),
)

/** The definition of exactly this name, or undefined. */
export function operatorByName(name: string): OperatorDefinition | undefined {
  return BY_NAME.get(name)
}

/**
 * Builds the operator of a parsed `mask:` value: a name (`email`), or an object of one member, whose name is the
 * operator's and whose value its parameter (`{ keepLast: 4 }`). Throws {@link OperatorUnknownError},
 * {@link OperatorParameterError}, or NotSupportedError where this version cannot do what is asked.
 */
export function buildOperator(
  maskValue: unknown,
  environment: OperatorEnvironment,
): OperatorInstance {
  if (typeof maskValue === 'string') return definitionOf(maskValue).build(undefined, environment)
  if (maskValue === null || maskValue === undefined) {
    throw new OperatorParameterError(
      'mask: no operator given; to replace values by null, write mask: "null" in quotes',
    )
  }
  if (typeof maskValue !== 'object' || Array.isArray(maskValue)) {
    throw new OperatorParameterError(
      'mask: expected the name of an operator, or a name with its parameter such as { keepLast: 4 }',
    )
  }
  const members = Object.entries(maskValue)
  const [member] = members
  if (member === undefined || members.length > 1) {
    throw new OperatorParameterError(
      `mask: expected one operator, found ${members.length}: ${members.map(([key]) => key).join(', ')}`,
    )
  }
  const [operatorName, parameter] = member
  if (nestingOf(maskValue) > NESTING_MAX) {
    throw new OperatorParameterError(`mask: json and base64 go ${NESTING_MAX} deep at most`)
  }
  return definitionOf(operatorName).build(parameter, environment)
}

/** How many operators for encoded text stand one inside the other. */
function nestingOf(maskValue: unknown): number {
  let depth = 0
  let inside: unknown = maskValue
  while (typeof inside === 'object' && inside !== null && depth <= NESTING_MAX) {
    inside = Object.entries(inside).find(([key]) => key === 'json' || key === 'base64')?.[1]
    if (inside !== undefined) depth += 1
  }
  return depth
}

function definitionOf(operatorName: string): OperatorDefinition {
  const definition = BY_NAME.get(operatorName)
  if (definition !== undefined) return definition
  const near = closest(operatorName, BY_NAME.keys())
  const known = [...BY_NAME.keys()].join(', ')
  throw new OperatorUnknownError(
    near === undefined
      ? `mask: unknown operator ${JSON.stringify(operatorName)}; there are ${known}`
      : `mask: unknown operator ${JSON.stringify(operatorName)}; did you mean ${near}?`,
  )
}
