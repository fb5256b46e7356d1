/** Puts other text in the place of what a scanner finds: also in encoded words of mail, around markup, in escapes. */
import type { ValueDictionary } from './dictionary/value-dictionary.ts'
import { encodeWords, wordsIn } from './mail/encoded-words.ts'
import type { Stretch } from './mail/encoded-words.ts'
import type { Scanner } from './scanner.ts'
import { mergeOverlaps } from './span.ts'
import type { Precedence, Span } from './span.ts'
import type { Encoding } from './view/read.ts'

/** Longest text that is scanned, in UTF-16 units. What is longer must be concealed whole: see {@link isScannable}. */
export const SCAN_UNITS_MAX = 1_048_576

export interface RewritePlan {
  readonly scanner: Scanner
  /** Values that are looked for besides. */
  readonly dictionary?: ValueDictionary | undefined
  /** Decides between spans that overlap. */
  readonly precedence: Precedence
  /** The text that is put in the place of a span; undefined: it stays as it is. Asked for each, in order. */
  readonly decide: (span: Span) => string | undefined
}

/** True for texts that are short enough to be scanned. */
export function isScannable(source: string): boolean {
  return source.length <= SCAN_UNITS_MAX
}

/**
 * The source with its spans replaced; the very same where none was. Undefined where it has more packed inside than is looked at, so
 * that it must be concealed whole. Takes time in proportion to the source.
 */
export function rewriteText(source: string, plan: RewritePlan): string | undefined {
  const words = wordsIn(source)
  if (!words.whole) return undefined
  const { stretches } = words
  const text = stretches?.map((stretch) => stretch.text).join('') ?? source
  const { spans, encoding, whole } = plan.scanner.find(text, plan.dictionary)
  if (!whole) return undefined
  const edits: Edit[] = []
  for (const span of mergeOverlaps(text, spans, plan.precedence)) {
    const replacement = plan.decide(span)
    if (replacement !== undefined) addEdits(edits, span, written(replacement, encoding))
  }
  if (edits.length === 0) return source
  edits.sort((a, b) => a.start - b.start)
  return stretches === undefined
    ? new Application(text, edits).until(text.length)
    : appliedToStretches(source, text, { stretches, edits })
}

/** `[start, end)` of the text becomes `text`. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The first piece takes the replacement; the others, behind markup that stays, go. */
function addEdits(edits: Edit[], { pieces }: Span, text: string): void {
  for (const [index, { start, end }] of pieces.entries()) {
    edits.push({ start, end, text: index === 0 ? text : '' })
  }
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function written(text: string, { html, quotedPrintable }: Encoding): string {
  const escaped = html ? text.replaceAll(/[&<>"']/g, (sign) => HTML[sign] ?? sign) : text
  return quotedPrintable ? escaped.replaceAll('=', '=3D') : escaped
}

/** Applies edits to a text from its start to its end, stretch by stretch. */
class Application {
  readonly #text: string
  readonly #edits: readonly Edit[]
  #next = 0
  #at = 0

  constructor(text: string, edits: readonly Edit[]) {
    this.#text = text
    this.#edits = edits
  }

  /** What becomes of the text up to `end`. An edit that reaches beyond is written here, and what it takes of the next stretch goes. */
  until(end: number): string {
    let result = ''
    for (
      let edit = this.#edits[this.#next];
      edit !== undefined && edit.start < end;
      edit = this.#edits[this.#next]
    ) {
      if (edit.start >= this.#at) result += this.#text.slice(this.#at, edit.start)
      result += edit.text
      this.#at = Math.max(this.#at, edit.end)
      this.#next += 1
    }
    if (this.#at >= end) return result
    result += this.#text.slice(this.#at, end)
    this.#at = end
    return result
  }
}

function appliedToStretches(
  source: string,
  text: string,
  { stretches, edits }: { readonly stretches: readonly Stretch[]; readonly edits: readonly Edit[] },
): string {
  const application = new Application(text, edits)
  let at = 0
  return stretches
    .map((stretch) => {
      at += stretch.text.length
      const changed = application.until(at)
      if (changed === stretch.text) return source.slice(stretch.start, stretch.end)
      return stretch.encoded ? encodeWords(changed) : changed
    })
    .join('')
}
