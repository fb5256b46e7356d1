/**
 * Finds pieces of canaries in any bytes: as they are, in other case, reversed, as hexadecimal, as base64 at any
 * alignment, and under escapes (JSON, URL, HTML, quoted-printable), mixed and nested too. A piece is any run of six
 * characters. The bytes are gone through once for each view of them.
 */
import { isOwnRandomness } from './canary-chance.ts'
import { foldCase, needlesOf, type Canary, type Needle, type NeedleForm } from './canary-needles.ts'
import { base64View, unescapedViews } from './canary-views.ts'

/** One piece of a canary that was found. */
export interface CanaryFinding {
  readonly field: string
  readonly form: NeedleForm
  /** The piece as it stands, and what stands around it. */
  readonly text: string
  readonly around: string
}

/** Findings beyond that are not listed: one is too many already. */
const FINDINGS_MAX = 20
const AROUND_CHARACTERS = 30
const PREFIX_BYTES = 4
const PREFIX_BITS = 16

/** The findings in `bytes`. A window that stands in one of the `allowed` texts is not looked for. */
export function searchCanaries(
  bytes: Buffer,
  canaries: readonly Canary[],
  allowed: readonly string[],
): readonly CanaryFinding[] {
  const { folded, exact } = indexesOf(canaries, allowed)
  const findings = new Map<string, CanaryFinding>()
  for (const view of unescapedViews(bytes)) {
    folded.search(foldCase(view), findings)
    exact.search(base64View(view), findings)
  }
  return [...findings.values()]
}

interface Indexes {
  readonly folded: PrefixIndex
  readonly exact: PrefixIndex
}

/** Made once for the same canaries: a test asks for them again and again. */
const indexes = new Map<string, Indexes>()
const INDEXES_MAX = 16

function indexesOf(canaries: readonly Canary[], allowed: readonly string[]): Indexes {
  const key = JSON.stringify([canaries, allowed])
  const known = indexes.get(key)
  if (known !== undefined) return known
  const needles = canaries.flatMap((canary) => needlesOf(canary, allowed))
  const made = {
    folded: new PrefixIndex(needles.filter(({ view }) => view === 'folded')),
    exact: new PrefixIndex(needles.filter(({ view }) => view === 'base64')),
  }
  if (indexes.size === INDEXES_MAX) indexes.clear()
  indexes.set(key, made)
  return made
}

/** Needles by their first four bytes, behind a table of bits that turns nearly every position away. */
class PrefixIndex {
  readonly #byPrefix = new Map<number, Needle[]>()
  readonly #table = new Uint8Array(1 << PREFIX_BITS)

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      const prefix = needle.bytes.readUInt32BE(0)
      const same = this.#byPrefix.get(prefix)
      if (same === undefined) this.#byPrefix.set(prefix, [needle])
      else same.push(needle)
      this.#table[slot(prefix)] = 1
    }
  }

  search(view: Buffer, findings: Map<string, CanaryFinding>): void {
    let prefix = 0
    for (let end = 0; end < view.length; end += 1) {
      prefix = ((prefix << 8) | (view[end] ?? 0)) >>> 0
      if (this.#table[slot(prefix)] === 0) continue
      const at = end - PREFIX_BYTES + 1
      if (at < 0) continue
      for (const needle of this.#byPrefix.get(prefix) ?? []) {
        if (!startsAt(view, at, needle.bytes) || isOwnRandomness(view, at, needle)) continue
        report(view, at, needle, findings)
        if (findings.size >= FINDINGS_MAX) return
      }
    }
  }
}

function slot(prefix: number): number {
  return Math.imul(prefix, 0x9e3779b1) >>> (32 - PREFIX_BITS)
}

function startsAt(view: Buffer, at: number, bytes: Buffer): boolean {
  return view.compare(bytes, 0, bytes.length, at, Math.min(at + bytes.length, view.length)) === 0
}

/** Neighbouring windows of one field in one form are one finding: the first. */
function report(
  view: Buffer,
  at: number,
  needle: Needle,
  findings: Map<string, CanaryFinding>,
): void {
  const { field, form, bytes } = needle
  const key = `${field} ${form}`
  if (findings.has(key)) return
  const around = view.toString(
    'latin1',
    Math.max(0, at - AROUND_CHARACTERS),
    at + bytes.length + AROUND_CHARACTERS,
  )
  findings.set(key, { field, form, text: bytes.toString('latin1'), around })
}
