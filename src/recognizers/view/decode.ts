/** Undoes what stands for single characters: entities of HTML, percent escapes, characters written for others. */
import { decodeHTML } from 'entities'
import { plainText, plainTextAt, widthAt } from './characters.ts'
import { escapedAt } from './escapes.ts'
import { CHARACTER, ESCAPE, nextMarked } from './marks.ts'
import type { TextView } from './text-view.ts'
import { ViewBuilder } from './text-view.ts'
import type { Units } from './units.ts'

const ENTITY = /&(?:#[0-9]{1,8}|#[xX][0-9A-Fa-f]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});?/y
const AMPERSAND = 0x26
const PERCENT = 0x25
const FIRST_SURROGATE = 0xd800
const TO_UNDO = CHARACTER | ESCAPE

/** The view with all of it undone; the same one where there is nothing to undo. */
export function decoded(below: TextView, units: Units): { view: TextView; html: boolean } {
  const builder = new ViewBuilder(below)
  const decoder = new Decoder(builder, below.text, units.of(below.text))
  decoder.show(0, below.text.length)
  return { view: decoder.changed ? builder.build() : below, html: decoder.entities }
}

/** Shows stretches of one text in a view. */
export class Decoder {
  /** Whether something was undone. */
  changed = false
  /** Whether there were entities. */
  entities = false
  readonly #builder: ViewBuilder
  readonly #text: string
  readonly #units: Uint16Array
  #shown = 0

  /** `units` are those of the text. */
  constructor(builder: ViewBuilder, text: string, units: Uint16Array) {
    this.#builder = builder
    this.#text = text
    this.#units = units
  }

  /** Shows `[from, to)`. */
  show(from: number, to: number): void {
    const units = this.#units
    this.#shown = from
    let at = nextMarked(units, from, to, TO_UNDO)
    while (at < to) at = nextMarked(units, this.#undo(at, to) + 1, to, TO_UNDO)
    this.#builder.keep(this.#shown, to)
  }

  /** Answers the last unit that is done with. */
  #undo(at: number, to: number): number {
    const unit = this.#units[at] as number
    if (unit === AMPERSAND) return this.#entity(at, to)
    if (unit === PERCENT) return this.#percent(at, to)
    const plain = plainTextAt(this.#text, at)
    const width = unit < FIRST_SURROGATE ? 1 : widthAt(this.#text, at)
    if (plain !== undefined) this.#put(plain, at, at + width)
    return at + width - 1
  }

  #entity(at: number, to: number): number {
    ENTITY.lastIndex = at
    const [entity] = ENTITY.exec(this.#text) ?? []
    if (entity === undefined || at + entity.length > to) return at
    const character = decodeHTML(entity)
    if (character === entity) return at
    this.entities = true
    this.#put(plainText(character), at, at + entity.length)
    return at + entity.length - 1
  }

  #percent(at: number, to: number): number {
    const escaped = escapedAt(this.#text, at)
    if (escaped === undefined || at + escaped.units > to) return at
    this.#put(plainText(escaped.character), at, at + escaped.units)
    return at + escaped.units - 1
  }

  #put(text: string, from: number, to: number): void {
    this.changed = true
    this.#builder.keep(this.#shown, from)
    this.#builder.put(text, from, to)
    this.#shown = to
  }
}
