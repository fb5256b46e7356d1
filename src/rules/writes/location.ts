/** Tells where something is without telling what is there. */
import { quote } from '../../json/query/quote.ts'
import { childrenOf, memberNameOf } from '../../json/tape/children.ts'
import { KIND_OBJECT, type Tape } from '../../json/tape/tape.ts'
import type { Step } from './write-rules.ts'

/** Longest location that is written, in UTF-16 units; what is deeper becomes one `[*]`. */
const LOCATION_UNITS_MAX = 256

/** The steps from the root of the document to the node. */
export function stepsTo(tape: Tape, node: number): readonly Step[] {
  const steps: Step[] = []
  let at = 0
  while (at < node) {
    let index = 0
    let next = -1
    for (const child of childrenOf(tape, at)) {
      if (child <= node && node < (tape.next[child] ?? 0)) {
        next = child
        break
      }
      index += 1
    }
    if (next < 0) return steps
    steps.push(tape.kind[at] === KIND_OBJECT ? memberNameOf(tape, next) : index)
    at = next
  }
  return steps
}

/** A normalized path (RFC 9535 2.7), in which names that must not be told are `[*]`. */
export function locationText(steps: readonly Step[], mayTell: (name: string) => boolean): string {
  let text = '$'
  for (const step of steps) {
    const next = typeof step === 'string' && !mayTell(step) ? '[*]' : bracketed(step)
    if (text.length + next.length > LOCATION_UNITS_MAX) return `${text}[*]`
    text += next
  }
  return text
}

function bracketed(step: Step): string {
  return `[${typeof step === 'string' ? quote(step.toWellFormed()) : step}]`
}
