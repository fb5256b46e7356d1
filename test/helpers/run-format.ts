/** Runs a program over a body of a format; the pieces of records are overwritten once they have been taken. */
import { starterOf, type BodyFormat } from '../../src/json/formats/formats.ts'
import { CelosiaError } from '../../src/core/errors.ts'
import type { Program } from '../../src/json/program-source.ts'
import { toldExposures, type ToldExposures } from './told-exposures.ts'

/** What came of a run. What left before a refusal is in `bytes`. */
export interface FormatRun {
  readonly bytes: string
  readonly exposures: ToldExposures
  readonly refused: string | undefined
}

/** How the body comes, and what is fetched. */
export interface RunOptions {
  /** Sizes of pieces, in turn. Undefined: whole. */
  readonly sizes?: readonly number[]
  readonly recordBytesMax?: number
  readonly subjectsMax?: number
  readonly fetchKeys?: (ids: readonly string[]) => void
}

/** Runs it to the end, or to its refusal. */
export function runFormat(
  program: Program,
  format: BodyFormat,
  body: string | Buffer,
  options: RunOptions = {},
): FormatRun {
  const { recordBytesMax = 100_000, subjectsMax = 100 } = options
  const bytes = Buffer.from(body)
  const { sizes = [Math.max(1, bytes.length)], fetchKeys } = options
  const rewriter = starterOf(program, format, { recordBytesMax, subjectsMax })()
  const out: Buffer[] = []
  let refused: string | undefined
  try {
    for (let at = 0, turn = 0; ; turn += 1) {
      const end = at + (sizes[turn % sizes.length] ?? 1)
      const piece = Buffer.from(bytes.subarray(at, end))
      const last = end >= bytes.length
      let pushed = rewriter.push(piece, last)
      // A document may leave as a part of the bytes that came; records are held, so theirs never do.
      if (format.kind !== 'json') piece.fill(0x21)
      while (pushed.kind === 'need') {
        if (fetchKeys === undefined) throw new Error('nobody fetches keys')
        fetchKeys(pushed.keyIds)
        pushed = rewriter.push(new Uint8Array(0), last)
      }
      out.push(pushed.bytes)
      if (last) break
      at = end
    }
  } catch (error) {
    if (!(error instanceof CelosiaError)) throw error
    refused = error.code
  }
  const exposures = toldExposures(rewriter.exposures())
  return { bytes: Buffer.concat(out).toString(), exposures, refused }
}
