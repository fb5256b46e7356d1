/** All views of a source: what is found in any of them is found in the source. */
import { decoded } from './decode.ts'
import { Allowance, encodedTokens } from './encoded-tokens.ts'
import { markupViews } from './markup.ts'
import { overrides } from './overrides.ts'
import { withoutQuotedPrintable } from './quoted-printable.ts'
import type { TextView } from './text-view.ts'
import { plainView } from './text-view.ts'

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

/** What may be undone in a text: without any of it the text is read as it is. */
const ENCODED = /[<&=%\x80-\uffff]/
/** A tag, a comment, or what looks like one. */
const MARKUP = /<[A-Za-z/!?]/
/** An escape of quoted-printable, or a soft line break. */
const QUOTED = /=(?:[0-9A-F]{2}|[ \t]{0,8}\r?\n)/
const PLAIN: Encoding = { html: false, quotedPrintable: false }

/** Encodings one inside the other. */
const DEPTH_MAX = 2

/** Takes time in proportion to the source, and to what is packed in it, which has a limit. */
export function readSource(source: string): Reading {
  const { views, encoding } = readText(source)
  const allowance = new Allowance()
  const inside = viewsInside(source, allowance, DEPTH_MAX)
  const whole = !allowance.exceeded
  return { views: inside.length === 0 ? views : [...views, ...inside], encoding, whole }
}

function viewsInside(source: string, allowance: Allowance, depth: number): readonly TextView[] {
  if (depth === 0) return []
  const inside = [...encodedTokens(source, allowance), ...overrides(source, allowance)]
  return inside.flatMap(({ start, end, text }) => {
    const pieces = [{ start, end }]
    const views = [...readText(text).views, ...viewsInside(text, allowance, depth - 1)]
    return views.map((view): TextView => ({ text: view.text, pieces: () => pieces }))
  })
}

function readText(source: string): Omit<Reading, 'whole'> {
  const plain = plainView(source)
  const first = source.search(ENCODED)
  if (first < 0) return { views: [plain], encoding: PLAIN }
  // To look for one character first is many times as fast.
  const view = source.includes('=') && QUOTED.test(source) ? withoutQuotedPrintable(plain) : plain
  const quotedPrintable = view !== plain
  if (view.text.includes('<') && MARKUP.test(view.text)) {
    const { views, html } = markupViews(view)
    return { views, encoding: { html, quotedPrintable } }
  }
  const { view: shown, html } = decoded(view, quotedPrintable ? 0 : first)
  return { views: [shown], encoding: { html, quotedPrintable } }
}
