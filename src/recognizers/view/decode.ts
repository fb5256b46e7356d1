/** Undoes what stands for single characters: entities of HTML, percent escapes, characters written for others. */
import { decodeHTML } from 'entities'
import { plainText, plainTextAt, widthAt } from './characters.ts'
import { escapedAt } from './escapes.ts'
import type { TextView } from './text-view.ts'
import { ViewBuilder } from './text-view.ts'

const ENTITY = /&(?:#[0-9]{1,8}|#[xX][0-9A-Fa-f]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});?/y
const AMPERSAND = 0x26
const PERCENT = 0x25
const ASCII = 0x80

/** The view with all of it undone; the same one where there is nothing to undo. */
export function decoded(below: TextView, first: number): { view: TextView; html: boolean } {
  const { text } = below
  const builder = new ViewBuilder(below)
  const decoder = new Decoder(builder, text)
  builder.keep(0, first)
  decoder.show(first, text.length)
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
  #shown = 0

  constructor(builder: ViewBuilder, text: string) {
    this.#builder = builder
    this.#text = text
  }

  /** Shows `[from, to)`. */
  show(from: number, to: number): void {
    const text = this.#text
    this.#shown = from
    for (let at = from; at < to; at += 1) {
      const unit = text.charCodeAt(at)
      if (unit < ASCII) {
        if (unit === AMPERSAND) at = this.#entity(at, to)
        else if (unit === PERCENT) at = this.#percent(at, to)
        continue
      }
      const plain = plainTextAt(text, at)
      const width = unit < 0xd800 ? 1 : widthAt(text, at)
      if (plain !== undefined) this.#put(plain, at, at + width)
      at += width - 1
    }
    this.#builder.keep(this.#shown, to)
  }

  /** Answers the last unit that is done with. */
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
