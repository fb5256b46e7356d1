/** Runs a body through its program, in slices with a turn of the event loop between them. */
import type { Clock } from '../../core/clock.ts'
import { CelosiaError } from '../../core/errors.ts'
import type { Exposures, Reader, Rewriter } from '../../json/program-source.ts'
import type { RouteMasking } from '../../rules/compiled-policy.ts'
import { RefusedError } from '../refused.ts'
import { FIRST_BYTES, SlicePace } from './slice-pace.ts'

/** Largest slice. */
const SLICE_BYTES = 65_536
const EMPTY = Buffer.alloc(0)

export interface Rewritten {
  readonly bytes: Buffer
  readonly exposures: Exposures
}

/** What a rewriting needs beside the body. */
export interface RewriteContext {
  readonly clock: Clock
  /** The subject that asks. */
  readonly reader: Reader
}

/**
 * Rewrites a body that is held; a promise where it is more than one slice. Throws {@link RefusedError} `upstream-body-refused` where the
 * engine does not accept it, or rejects with it.
 */
export function rewriteBody(
  start: RouteMasking['start'],
  parts: readonly Buffer[],
  { clock, reader }: RewriteContext,
): Promise<Rewritten> | Rewritten {
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0)
  const rewriter = start(size, reader)
  if (size > FIRST_BYTES) return rewriteSlices(rewriter, parts, { size, clock })
  let left = size
  for (const part of parts) {
    left -= part.byteLength
    if (part.byteLength > 0) push(rewriter, part, left === 0)
  }
  if (size === 0) pushEnd(rewriter)
  return { bytes: rewriter.take(), exposures: rewriter.exposures() }
}

async function rewriteSlices(
  rewriter: Rewriter,
  parts: readonly Buffer[],
  { size, clock }: { readonly size: number; readonly clock: Clock },
): Promise<Rewritten> {
  const pace = new SlicePace(clock, SLICE_BYTES)
  let left = size
  for (const part of parts) {
    for (const slice of pace.slicesOf(part)) {
      left -= slice.byteLength
      pace.run(() => push(rewriter, slice, left === 0))
      if (pace.due) await pace.turn()
    }
  }
  return { bytes: rewriter.take(), exposures: rewriter.exposures() }
}

/** Rewrites the next bytes; the rewriter collects. Throws {@link RefusedError} `upstream-body-refused`. */
export function pushSlice(rewriter: Rewriter, slice: Uint8Array): void {
  push(rewriter, slice, false)
}

/** Tells the rewriter that the body ends here. Throws {@link RefusedError} `upstream-body-refused`. */
export function pushEnd(rewriter: Rewriter): void {
  push(rewriter, EMPTY, true)
}

function push(rewriter: Rewriter, slice: Uint8Array, last: boolean): void {
  try {
    const pushed = rewriter.push(slice, last)
    // Operators that need keys are refused at load, so that asking for one here is a broken promise of ours.
    if (pushed.kind === 'need') throw new RefusedError('internal-error')
  } catch (cause) {
    if (cause instanceof CelosiaError && /^ERR_(?:JSON|FORMAT)_/.test(cause.code)) {
      throw new RefusedError('upstream-body-refused', { cause })
    }
    throw cause
  }
}
