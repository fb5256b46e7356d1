/** The syntax tree of an I-Regexp (RFC 9485), and what a text that is none is answered with. Data only. */
import type { CharSet } from './char-set.ts'

export type RegexpNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  /** `^` and `$` hold at the start and at the end of the text, as the RFC's mappings to other dialects have it. */
  | { readonly kind: 'anchor'; readonly at: 'start' | 'end' }
  /** No items: the empty text. */
  | { readonly kind: 'sequence'; readonly items: readonly RegexpNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly RegexpNode[] }
  /** `max` is Infinity where there is no upper bound. */
  | {
      readonly kind: 'repeat'
      readonly item: RegexpNode
      readonly min: number
      readonly max: number
    }

/** Why a text is not used as a pattern. */
export interface RegexpFault {
  /** `syntax`: no I-Regexp. `size`: one, but larger than this matcher takes. */
  readonly kind: 'syntax' | 'size'
  /** UTF-16 offset in the pattern. */
  readonly position: number
  /** What was expected there, or which limit is passed. */
  readonly message: string
}

/** Pattern length in UTF-16 units. */
export const PATTERN_CHARS_MAX = 4_096
/** Groups, one inside the other. */
export const GROUP_DEPTH_MAX = 64
/** Instructions that a pattern may compile to, and the upper end of a bounded quantifier. */
export const INSTRUCTIONS_MAX = 4_096
