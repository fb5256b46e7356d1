/** Runs a body through its program, in slices with a turn of the event loop between them. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { CelosiaError } from '../../core/errors.ts'
import type { Exposures, Rewriter } from '../../json/program-source.ts'
import type { RouteMasking } from '../../rules/compiled-policy.ts'
import { RefusedError } from '../refused.ts'

/** Bytes that are rewritten without giving other requests a turn. */
const SLICE_BYTES = 65_536
/** Slices without a turn: a body of this size is done in one go. */
const SLICES_PER_TURN = 4
const EMPTY = Buffer.alloc(0)

export interface Rewritten {
  readonly bytes: Buffer
  readonly exposures: Exposures
}

/** Rewrites a body that is held. Throws {@link RefusedError} `upstream-body-refused` where the engine does not accept it. */
export async function rewriteBody(
  masking: RouteMasking,
  parts: readonly Buffer[],
): Promise<Rewritten> {
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0)
  const rewriter = masking.start(size)
  let slices = 0
  for (const part of parts) {
    for (const slice of slicesOf(part, SLICE_BYTES)) {
      pushSlice(rewriter, slice)
      if (++slices % SLICES_PER_TURN === 0) await nextTurn()
    }
  }
  pushEnd(rewriter)
  return { bytes: rewriter.take(), exposures: rewriter.exposures() }
}

/** The part in slices of at most so many bytes. */
export function* slicesOf(part: Buffer, sliceBytes: number): Generator<Buffer> {
  for (let at = 0; at < part.byteLength; at += sliceBytes) yield part.subarray(at, at + sliceBytes)
}

/** What may leave after these bytes. Throws {@link RefusedError} `upstream-body-refused`. */
export function pushSlice(rewriter: Rewriter, slice: Uint8Array): Buffer {
  return push(rewriter, slice, false)
}

/** What is left to leave at the end of the body. Throws {@link RefusedError} `upstream-body-refused`. */
export function pushEnd(rewriter: Rewriter): Buffer {
  return push(rewriter, EMPTY, true)
}

function push(rewriter: Rewriter, slice: Uint8Array, last: boolean): Buffer {
  try {
    const pushed = rewriter.push(slice, last)
    // Operators that need keys are refused at load, so that asking for one here is a broken promise of ours.
    if (pushed.kind === 'need') throw new RefusedError('internal-error')
    return pushed.bytes
  } catch (cause) {
    if (cause instanceof CelosiaError && /^ERR_(?:JSON|FORMAT)_/.test(cause.code)) {
      throw new RefusedError('upstream-body-refused', { cause })
    }
    throw cause
  }
}
