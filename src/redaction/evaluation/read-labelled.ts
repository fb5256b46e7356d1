/**
 * Labelled texts from a file: JSON lines of our own form, `{"text": "...", "spans": [{"class": "payment.card", "start": 4, "end": 20}]}`
 * with offsets in UTF-16 units, or the JSON array of Presidio's research, whose offsets count characters as Python does.
 */
import { RedactionInputError } from '../errors.ts'
import type { LabelledSpan } from './score.ts'

/** Largest file that is read. */
export const LABELLED_BYTES_MAX = 268_435_456

export interface LabelledText {
  readonly text: string
  readonly labels: readonly LabelledSpan[]
}

/** Presidio's names of what our recognizers look for, by the class that they look for it by themselves. */
export const PRESIDIO_CLASSES: Readonly<Record<string, string>> = {
  CREDIT_CARD: 'payment.card',
  EMAIL_ADDRESS: 'contact.email',
  IBAN_CODE: 'payment.iban',
  IP_ADDRESS: 'contact.ip',
  PHONE_NUMBER: 'contact.phone',
  US_SSN: 'id.national',
}

/** All texts of a file. Throws {@link RedactionInputError} with the line or the number of the text that is wrong. */
export function readLabelled(source: string): readonly LabelledText[] {
  if (source.trimStart().startsWith('[')) {
    const entries = parsed(source, 'the file')
    if (!Array.isArray(entries)) throw new RedactionInputError('the file is no JSON array')
    return entries.map((entry: unknown, index) => presidioText(entry, `text ${index + 1}`))
  }
  return source
    .split('\n')
    .flatMap((line, index) =>
      line.trim() === '' ? [] : [ownText(parsed(line, `line ${index + 1}`), `line ${index + 1}`)],
    )
}

function ownText(entry: unknown, where: string): LabelledText {
  const { text, spans } = objectOf(entry, where)
  if (typeof text !== 'string') throw new RedactionInputError(`${where}: no text`)
  const labels = listOf(spans, where).map((span) => {
    const { class: kind, start, end } = objectOf(span, where)
    return labelOf({ kind, start, end }, text, where)
  })
  return { text, labels }
}

function presidioText(entry: unknown, where: string): LabelledText {
  const { full_text: text, spans } = objectOf(entry, where)
  if (typeof text !== 'string') throw new RedactionInputError(`${where}: no full_text`)
  const units = unitOffsets(text)
  const labels = listOf(spans, where).flatMap((span) => {
    const { entity_type: type, start_position: start, end_position: end } = objectOf(span, where)
    const kind = PRESIDIO_CLASSES[String(type)]
    if (kind === undefined) return []
    const [from, to] = [units[Number(start)], units[Number(end)]]
    return [labelOf({ kind, start: from, end: to }, text, where)]
  })
  return { text, labels }
}

/** Where each character begins, and the end. */
function unitOffsets(text: string): readonly number[] {
  const offsets = [0]
  let at = 0
  for (const character of text) offsets.push((at += character.length))
  return offsets
}

function labelOf(
  { kind, start, end }: { readonly kind: unknown; readonly start: unknown; readonly end: unknown },
  text: string,
  where: string,
): LabelledSpan {
  const isSpan =
    Number.isInteger(start) &&
    Number.isInteger(end) &&
    Number(start) >= 0 &&
    Number(end) > Number(start)
  if (typeof kind !== 'string' || !isSpan || Number(end) > text.length) {
    throw new RedactionInputError(`${where}: a span without class, start and end in the text`)
  }
  return { kind, start: Number(start), end: Number(end) }
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new RedactionInputError(`${where}: no list of spans`)
  return value
}

function objectOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new RedactionInputError(`${where}: no object`)
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // What JSON.parse says quotes the text.
    throw new RedactionInputError(`${where}: no JSON`)
  }
}
