/**
 * Places: locations as normalized paths (RFC 9535 2.7), in which `[*]` stands for indices and for all member names but those that a
 * query spells out there. A name that a document brought can so never stand in one.
 */
import { quote } from '../query/quote.ts'

/** Places that one program tells apart. */
const PLACES_MAX = 1_000
/** Steps of the longest one. */
const STEPS_MAX = 32

/** See the file. */
export interface Place {
  readonly text: string
  readonly steps: number
}

/** The places of one program, each made once. */
export class PlaceTable {
  readonly root: Place = { text: '$', steps: 0 }
  readonly #byText = new Map<string, Place>()

  /** The place of a child; undefined where it is one too many, lies too deep, or below such a one. */
  child(parent: Place | undefined, name: string | undefined): Place | undefined {
    if (parent === undefined || parent.steps === STEPS_MAX) return undefined
    const text = `${parent.text}[${name === undefined ? '*' : quote(name)}]`
    const known = this.#byText.get(text)
    if (known !== undefined || this.isFull) return known
    const place = { text, steps: parent.steps + 1 }
    this.#byText.set(text, place)
    return place
  }

  /** No other place is told apart any more. */
  get isFull(): boolean {
    return this.#byText.size >= PLACES_MAX
  }
}
