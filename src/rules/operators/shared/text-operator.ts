/**
 * The frame of all operators that keep a part of a value's text: which leaves they take, and what happens to the rest.
 */
import type { Leaf, OperatorInstance } from '../../operator.ts'
import type { Transformed } from '../../../json/program-source.ts'
import { KEEP, REDACTED } from './marks.ts'

/** Longest value, in UTF-16 code units, of which a part may stay. What is longer is no name, number or address. */
export const TEXT_UNITS_MAX = 1_024

export interface TextMask {
  readonly name: string
  readonly id: string
  /** The masked text; undefined where the value is not of the form that the operator knows: it is then hidden whole. */
  readonly mask: (text: string) => string | undefined
  /** What stands for a value that is hidden whole; `[redacted]` unless said. */
  readonly hidden?: string
  /** Longest value in UTF-16 code units; {@link TEXT_UNITS_MAX} unless said. */
  readonly unitsMax?: number
}

/**
 * Makes an operator of a function on text. It treats each kind of leaf so:
 *
 * - string: masked; hidden whole where it does not fit, is too long, or is no well-formed Unicode;
 * - number: its source text is masked like a string, and the answer is a string;
 * - boolean: hidden whole, since any part of it is all of it;
 * - null and the empty string: stay. There is nothing to hide, and that nothing is there is not concealed.
 *
 * The text is masked without the blanks around it. Objects and arrays keep their shape; each leaf below is masked.
 */
export function textOperator(of: TextMask): OperatorInstance {
  const { name, id, mask, hidden = REDACTED, unitsMax = TEXT_UNITS_MAX } = of
  const apply = (value: Leaf): Transformed => {
    if (value.type === 'null' || value.text === '') return KEEP
    const masked =
      value.type === 'boolean' || value.text.length > unitsMax || !value.text.isWellFormed()
        ? undefined
        : mask(value.text.trim())
    if (masked === value.text && value.type === 'string') return KEEP
    return { kind: 'string', text: masked ?? hidden }
  }
  return { name, id, leaf: { kind: 'transform', apply }, container: undefined, partial: true }
}
