/**
 * Finds the parts of a text that match an I-Regexp: of those that begin first the longest, none overlapping another. All ways
 * are followed at once, so that the time is at most text length times program size times {@link MATCH_UNITS_MAX}.
 */
import { OP_END, OP_JUMP, OP_MATCH, OP_SET, OP_SPLIT, OP_START, takesCodePoint } from './program.ts'
import type { RegexpProgram } from './program.ts'

/** Longest match, in UTF-16 units. */
export const MATCH_UNITS_MAX = 256

export interface MatchPlaces {
  /** Whether a match may begin at a place of the text. */
  readonly mayStart: (at: number) => boolean
  /** Whether it may end there. */
  readonly mayEnd: (at: number) => boolean
}

/** Calls `found` for each match, in order. `^` and `$` hold where a match may begin and end. */
export function findMatches(
  program: RegexpProgram,
  text: string,
  places: MatchPlaces,
  found: (start: number, end: number) => void,
): void {
  const machine = new Finder(program, text, places)
  let from = 0
  for (;;) {
    const match = machine.next(from)
    if (match === undefined) return
    found(match.start, match.end)
    from = match.end
  }
}

interface Match {
  readonly start: number
  readonly end: number
}

const NONE = -1

class Finder {
  readonly #program: RegexpProgram
  readonly #text: string
  readonly #places: MatchPlaces
  /** For each instruction the start of the first way that has reached it; {@link NONE} where none has. */
  #current: Int32Array
  #following: Int32Array
  /** The instructions reached, in order of being reached. */
  #reached: number[] = []
  #reachedNext: number[] = []
  readonly #pending: number[] = []
  #best: Match | undefined

  constructor(program: RegexpProgram, text: string, places: MatchPlaces) {
    this.#program = program
    this.#text = text
    this.#places = places
    this.#current = new Int32Array(program.operations.length).fill(NONE)
    this.#following = new Int32Array(program.operations.length).fill(NONE)
  }

  /** The first match that begins at `from` or behind. */
  next(from: number): Match | undefined {
    const text = this.#text
    this.#clear()
    this.#best = undefined
    for (let at = from; ;) {
      if (this.#best === undefined && at < text.length && this.#places.mayStart(at)) {
        this.#reach(this.#current, this.#reached, { from: 0, start: at, at })
      }
      if (at >= text.length || (this.#reached.length === 0 && this.#best !== undefined)) break
      const codePoint = text.codePointAt(at) ?? 0
      at += codePoint > 0xffff ? 2 : 1
      this.#step(codePoint, at)
    }
    return this.#best
  }

  #step(codePoint: number, at: number): void {
    const { operations, first } = this.#program
    for (const instruction of this.#reached) {
      const start = this.#current[instruction] as number
      this.#current[instruction] = NONE
      if (operations[instruction] !== OP_SET || at - start > MATCH_UNITS_MAX) continue
      // A way that began behind the best match cannot become a better one.
      if (this.#best !== undefined && start > this.#best.start) continue
      if (takesCodePoint(this.#program, first[instruction] ?? 0, codePoint)) {
        this.#reach(this.#following, this.#reachedNext, { from: instruction + 1, start, at })
      }
    }
    this.#reached.length = 0
    const [current, reached] = [this.#current, this.#reached]
    this.#current = this.#following
    this.#reached = this.#reachedNext
    this.#following = current
    this.#reachedNext = reached
  }

  #reach(
    starts: Int32Array,
    reached: number[],
    { from, start, at }: { readonly from: number; readonly start: number; readonly at: number },
  ): void {
    const { operations, first, second } = this.#program
    const pending = this.#pending
    pending.push(from)
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const before = starts[next] as number
      if (before !== NONE && before <= start) continue
      if (before === NONE) reached.push(next)
      starts[next] = start
      switch (operations[next]) {
        case OP_SPLIT:
          pending.push(second[next] ?? 0, first[next] ?? 0)
          break
        case OP_JUMP:
          pending.push(first[next] ?? 0)
          break
        case OP_START:
          if (at === start) pending.push(next + 1)
          break
        case OP_END:
          if (this.#places.mayEnd(at)) pending.push(next + 1)
          break
        case OP_MATCH:
          this.#match(start, at)
          break
        default:
      }
    }
  }

  #match(start: number, end: number): void {
    if (end === start || !this.#places.mayEnd(end)) return
    const best = this.#best
    if (best === undefined || start < best.start || (start === best.start && end > best.end)) {
      this.#best = { start, end }
    }
  }

  #clear(): void {
    for (const instruction of this.#reached) this.#current[instruction] = NONE
    this.#reached.length = 0
  }
}
