/**
 * HTML as its reader sees it: elements left out, entities undone, blocks on lines of their own; and apart from that all that
 * stands inside tags and comments. What has not the form of HTML is text, so that nothing is in neither.
 */
import { Tokenizer } from 'htmlparser2'
import { Decoder } from './decode.ts'
import type { TextView } from './text-view.ts'
import { ViewBuilder } from './text-view.ts'
import type { Units } from './units.ts'

/** Names of elements, also of custom ones and those that mail programs write (`o:p`). An address in angle brackets is none. */
const ELEMENT = /^[A-Za-z][A-Za-z0-9]*(?:[-:][A-Za-z0-9]+){0,8}$/
/** Elements that stand in a line of text; all others end one. */
const INLINE_ELEMENTS: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
)
const WORD = /[\p{L}\p{N}]/u

/** Nothing is found across it (U+2029 PARAGRAPH SEPARATOR). */
export const BARRIER = '\u2029'

export interface MarkupViews {
  readonly views: readonly TextView[]
  /** Whether what is written into the source must be escaped as HTML text. */
  readonly html: boolean
}

/** The views of a text with tags, or what looks like them: what its reader sees, and what stands inside of tags and comments. */
export function markupViews(below: TextView, memory: Units): MarkupViews {
  const { text } = below
  const parts = partsOf(text)
  const units = memory.of(text)
  const reader = readerView(below, units, { parts, between: '' })
  const views = [reader.view]
  if (hasGlue(text, parts)) views.push(readerView(below, units, { parts, between: ' ' }).view)
  const inside = insideView(below, units, parts)
  if (inside !== undefined) views.push(inside)
  return { views, html: reader.entities || hasMarkup(parts) }
}

function hasMarkup(parts: Parts): boolean {
  for (let part = 0; part < parts.count; part += 1) if (parts.kind(part) !== TEXT) return true
  return false
}

/** Kind, start and inside of a part. */
const PART_FIELDS = 3
const TEXT = 0
/** A tag in a line of text. */
const INLINE = 1
/** A tag that ends a line. */
const BLOCK = 2
/** A comment, a declaration. */
const HIDDEN = 3

/** The stretches of a source, in order and without gaps. */
class Parts {
  count = 0
  #fields = new Int32Array(64 * PART_FIELDS)

  add(kind: number, start: number, inside: number): void {
    const at = this.count * PART_FIELDS
    if (at === this.#fields.length) {
      const fields = new Int32Array(at * 2)
      fields.set(this.#fields)
      this.#fields = fields
    }
    this.#fields[at] = kind
    this.#fields[at + 1] = start
    this.#fields[at + 2] = inside
    this.count += 1
  }

  kind(part: number): number {
    return this.#fields[part * PART_FIELDS] as number
  }

  start(part: number): number {
    return part === 0 ? 0 : (this.#fields[part * PART_FIELDS + 1] as number)
  }

  /** Where what stands inside begins, behind the name of an element. */
  inside(part: number): number {
    return this.#fields[part * PART_FIELDS + 2] as number
  }

  end(part: number, text: string): number {
    return part + 1 < this.count ? this.start(part + 1) : text.length
  }

  makeText(part: number): void {
    this.#fields[part * PART_FIELDS] = TEXT
  }
}

const nothing = (): void => {}

function partsOf(text: string): Parts {
  const parts = new Parts()
  let open = false
  const element = (start: number, nameStart: number, nameEnd: number): void => {
    const name = text.slice(nameStart, nameEnd)
    const known = kinds.get(name) ?? kindOf(name)
    const hasDigits = (known & WITH_DIGITS) !== 0
    parts.add(known & ~WITH_DIGITS, start, hasDigits ? nameStart : nameEnd)
  }
  const hidden = (start: number): void => {
    const opening = text.lastIndexOf('<', start)
    parts.add(HIDDEN, opening, opening)
  }
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: false },
    {
      ontext: (start) => parts.add(TEXT, start, start),
      onopentagname: (start, end) => {
        element(start - 1, start, end)
        open = true
      },
      onclosetag: (start, end) => element(start - 2, start, end),
      onopentagend: () => {
        open = false
      },
      onselfclosingtag: () => {
        open = false
      },
      oncomment: hidden,
      oncdata: hidden,
      ondeclaration: hidden,
      onprocessinginstruction: hidden,
      ontextentity: nothing,
      onattribdata: nothing,
      onattribentity: nothing,
      onattribend: nothing,
      onattribname: nothing,
      onend: nothing,
    },
  )
  tokenizer.write(text)
  tokenizer.end()
  // A tag that the end of the text cuts off is text.
  if (open && parts.count > 0) parts.makeText(parts.count - 1)
  if (parts.count === 0) parts.add(TEXT, 0, 0)
  return parts
}

/** A name with digits may be anything: it is looked at, too. */
const WITH_DIGITS = 8

/** Kinds of elements by their name as it is written; names that come up are added up to a limit. */
const kinds = new Map<string, number>()
const KINDS_MAX = 512

function kindOf(name: string): number {
  const digits = /\d/.test(name) ? WITH_DIGITS : 0
  if (!ELEMENT.test(name)) return TEXT | digits
  const kind = (INLINE_ELEMENTS.has(name.toLowerCase()) ? INLINE : BLOCK) | digits
  if (kinds.size < KINDS_MAX) kinds.set(name, kind)
  return kind
}

/** The text without its markup; `between` stands for the tags in a line. */
function readerView(
  below: TextView,
  units: Uint16Array,
  { parts, between }: { readonly parts: Parts; readonly between: string },
): { view: TextView; entities: boolean } {
  const builder = new ViewBuilder(below)
  const decoder = new Decoder(builder, below.text, units)
  for (let part = 0; part < parts.count; part += 1) {
    const kind = parts.kind(part)
    if (kind === TEXT) decoder.show(parts.start(part), parts.end(part, below.text))
    else builder.markup(kind === BLOCK ? '\n' : between, parts.start(part))
  }
  return { view: builder.build(), entities: decoder.entities }
}

/** True where tags in a line join two words: then they are read both ways, as one and as two. */
function hasGlue(text: string, parts: Parts): boolean {
  let afterWord = false
  let joined = false
  for (let part = 0; part < parts.count; part += 1) {
    const kind = parts.kind(part)
    if (kind === TEXT) {
      if (joined && afterWord && WORD.test(text.charAt(parts.start(part)))) return true
      afterWord = WORD.test(text.charAt(parts.end(part, text) - 1))
    }
    joined = kind === INLINE || kind === HIDDEN
    if (kind === BLOCK) afterWord = false
  }
  return false
}

/** What stands in tags and comments, each behind a barrier; undefined where nothing does. */
function insideView(below: TextView, units: Uint16Array, parts: Parts): TextView | undefined {
  const builder = new ViewBuilder(below)
  const decoder = new Decoder(builder, below.text, units)
  let shown = false
  for (let part = 0; part < parts.count; part += 1) {
    const [inside, end] = [parts.inside(part), parts.end(part, below.text)]
    // The bracket at the end, and at most a slash.
    if (parts.kind(part) === TEXT || end - inside <= 2) continue
    builder.markup(BARRIER, inside)
    decoder.show(inside, end)
    shown = true
  }
  return shown ? builder.build() : undefined
}
