/** All views of a source: what is found in any of them is found in the source. */
import { decoded } from './decode.ts'
import { Allowance, encodedTokens } from './encoded-tokens.ts'
import { ANY, CHARACTER, EQUALS, ESCAPE, marksOf, OVERRIDE, TAG } from './marks.ts'
import { markupViews } from './markup.ts'
import type { MarkupViews } from './markup.ts'
import { overrides } from './overrides.ts'
import { withoutQuotedPrintable } from './quoted-printable.ts'
import type { TextView } from './text-view.ts'
import { plainView } from './text-view.ts'
import { Units } from './units.ts'

/** How text that is put into the source must be written there. */
export interface Encoding {
  readonly html: boolean
  readonly quotedPrintable: boolean
}

export interface Reading {
  readonly views: readonly TextView[]
  readonly encoding: Encoding
  /** False where the text has more packed inside than is looked at. */
  readonly whole: boolean
}

/** A tag, a comment, or what looks like one. */
const MARKUP = /<[A-Za-z/!?]/
const PLAIN: Encoding = { html: false, quotedPrintable: false }

/** Encodings one inside the other. */
const DEPTH_MAX = 2

/** Takes time in proportion to the source, and to what is packed in it, which has a limit. */
export function readSource(source: string, memory: Units = new Units()): Reading {
  const within: Within = { memory, allowance: new Allowance(), depth: DEPTH_MAX }
  const marks = marksOf(memory.of(source), source.length)
  const inside = viewsInside(source, marks, within)
  const { views, encoding } = readText(source, marks, memory)
  const whole = !within.allowance.exceeded
  return { views: inside.length === 0 ? views : [...views, ...inside], encoding, whole }
}

const NOTHING: readonly TextView[] = []

interface Within {
  readonly memory: Units
  readonly allowance: Allowance
  readonly depth: number
}

function viewsInside(source: string, marks: number, within: Within): readonly TextView[] {
  const { memory, allowance, depth } = within
  if (depth === 0) return NOTHING
  const tokens = encodedTokens(source, memory, allowance)
  const turned = (marks & OVERRIDE) === 0 ? [] : overrides(source, allowance)
  if (tokens.length === 0 && turned.length === 0) return NOTHING
  const deeper: Within = { memory, allowance, depth: depth - 1 }
  return [...tokens, ...turned].flatMap(({ start, end, text }) => {
    const pieces = [{ start, end }]
    const own = marksOf(memory.of(text), text.length)
    const views = [...readText(text, own, memory).views, ...viewsInside(text, own, deeper)]
    return views.map((view): TextView => ({ text: view.text, pieces: () => pieces }))
  })
}

/** `marks` are those of the source. */
function readText(source: string, marks: number, memory: Units): Omit<Reading, 'whole'> {
  const plain = plainView(source)
  if (marks === 0) return { views: [plain], encoding: PLAIN }
  const unquoted = (marks & EQUALS) === 0 ? plain : withoutQuotedPrintable(plain, memory)
  const asItIs = readView(plain, marks, memory)
  if (unquoted === plain) {
    return { views: asItIs.views, encoding: { html: asItIs.html, quotedPrintable: false } }
  }
  // What was escaped may be any sign. Nothing tells an escape from a value behind a name (`card=41...`): both are read.
  const undone = readView(unquoted, ANY, memory)
  return {
    views: [...undone.views, ...asItIs.views],
    encoding: { html: undone.html || asItIs.html, quotedPrintable: true },
  }
}

/** The view with markup and escapes undone; `marks` are those of its text. */
function readView(view: TextView, marks: number, memory: Units): MarkupViews {
  if ((marks & TAG) !== 0 && MARKUP.test(view.text)) return markupViews(view, memory)
  if ((marks & (CHARACTER | ESCAPE)) === 0) return { views: [view], html: false }
  const { view: shown, html } = decoded(view, memory)
  return { views: [shown], html }
}
