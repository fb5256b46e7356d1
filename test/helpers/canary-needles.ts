/** What is looked for: every window of a canary, in every form that decoding the bytes does not undo. */

/** One planted value. */
export interface Canary {
  /** Which field holds it, as the test calls it. */
  readonly field: string
  readonly value: string
  /** Parts of the value that tell nothing by themselves and are not looked for. */
  readonly common: readonly string[]
}

/** A canary is looked for in runs of so many characters. */
export const WINDOW_CHARACTERS = 6

/** How the piece was written. */
export type NeedleForm = 'plain' | 'reversed' | 'hex' | 'base64'

/** One piece in one form. */
export interface Needle {
  readonly field: string
  readonly form: NeedleForm
  /** Which view of the bytes it is looked for in: lower-cased, or base64 in its standard alphabet. */
  readonly view: 'folded' | 'base64'
  readonly bytes: Buffer
  /** The piece and all that follows it in the canary: tells how long a run was found. */
  readonly tail: Buffer
}

interface Window {
  readonly piece: string
  readonly tail: string
}

/** The needles of a canary, without the windows that touch a common part or stand in an allowed text. */
export function needlesOf(canary: Canary, allowed: readonly string[]): readonly Needle[] {
  const { field } = canary
  const forward = windowsOf(canary, allowed)
  const backward = windowsOf(
    { field, value: reversed(canary.value), common: canary.common.map(reversed) },
    allowed.map(reversed),
  )
  const encoded = [...forward, ...backward].flatMap(({ piece }) => casings(piece))
  return [
    ...forward.flatMap((window) => plain(field, 'plain', window)),
    ...backward.flatMap((window) => plain(field, 'reversed', window)),
    ...encoded.map((piece) => hex(field, piece)),
    ...encoded.flatMap((piece) => base64(field, piece)),
  ]
}

/** Bytes with the letters A to Z made small; the others, and thus UTF-8, stay as they are. */
export function foldCase(bytes: Buffer): Buffer {
  const folded = Buffer.from(bytes)
  for (let at = 0; at < folded.length; at += 1) {
    const byte = folded[at] ?? 0
    if (byte >= 0x41 && byte <= 0x5a) folded[at] = byte + 0x20
  }
  return folded
}

function windowsOf(canary: Canary, allowed: readonly string[]): readonly Window[] {
  const characters = Array.from(canary.value)
  const isCommon = commonPlaces(canary)
  const windows: Window[] = []
  for (let at = 0; at + WINDOW_CHARACTERS <= characters.length; at += 1) {
    const piece = characters.slice(at, at + WINDOW_CHARACTERS).join('')
    if (isCommon.slice(at, at + WINDOW_CHARACTERS).includes(true)) continue
    if (allowed.some((text) => text.includes(piece))) continue
    windows.push({ piece, tail: characters.slice(at).join('') })
  }
  return windows
}

function commonPlaces({ value, common }: Canary): boolean[] {
  const places = Array.from(value, () => false)
  for (const part of common) {
    const start = Array.from(value.slice(0, value.indexOf(part))).length
    places.fill(true, start, start + Array.from(part).length)
  }
  return places
}

function reversed(text: string): string {
  return Array.from(text).toReversed().join('')
}

function casings(piece: string): string[] {
  return [...new Set([piece, piece.toLowerCase(), piece.toUpperCase()])]
}

/** Folding takes care of A to Z in any mixture; other letters are looked for in three casings. */
function plain(field: string, form: NeedleForm, { piece, tail }: Window): Needle[] {
  const byBytes = new Map(
    casings(piece).map((text) => [foldedBytes(text).toString('latin1'), text]),
  )
  return [...byBytes.values()].map((text) => {
    return { field, form, view: 'folded', bytes: foldedBytes(text), tail: foldedBytes(tail) }
  })
}

function foldedBytes(text: string): Buffer {
  return foldCase(Buffer.from(text))
}

function hex(field: string, piece: string): Needle {
  const bytes = Buffer.from(Buffer.from(piece).toString('hex'))
  return { field, form: 'hex', view: 'folded', bytes, tail: bytes }
}

/** One for each place that the piece can have in a group of three bytes: the characters that it alone decides. */
function base64(field: string, piece: string): Needle[] {
  const raw = Buffer.from(piece)
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), raw, Buffer.alloc(2)]).toString('base64')
    const first = Math.ceil((8 * before) / 6)
    const end = Math.floor((8 * (before + raw.length)) / 6)
    const bytes = Buffer.from(text.slice(first, end))
    return { field, form: 'base64', view: 'base64', bytes, tail: bytes }
  })
}
