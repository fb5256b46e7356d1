/** Runs a held body through its program, in slices with a turn of the event loop between them. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { CelosiaError } from '../../core/errors.ts'
import type { Exposures, Program } from '../../json/program-source.ts'
import { RefusedError } from '../refused.ts'

/** Bytes that are rewritten without giving other requests a turn. */
const SLICE_BYTES = 65_536
/** Slices without a turn: a body of this size is done in one go. */
const SLICES_PER_TURN = 4

export interface Rewritten {
  readonly bytes: Buffer
  readonly exposures: Exposures
}

/** Throws {@link RefusedError} `upstream-body-refused` where the body is not what the engine accepts. */
export async function rewriteBody(program: Program, parts: readonly Buffer[]): Promise<Rewritten> {
  const rewriter = program.start()
  const out: Buffer[] = []
  const push = (slice: Uint8Array, last: boolean) => {
    const pushed = rewriter.push(slice, last)
    // Operators that need keys are refused at load, so that asking for one here is a broken promise of ours.
    if (pushed.kind === 'need') throw new RefusedError('internal-error')
    out.push(pushed.bytes)
  }
  try {
    let slices = 0
    for (const part of parts) {
      for (let at = 0; at < part.byteLength; at += SLICE_BYTES) {
        push(part.subarray(at, at + SLICE_BYTES), false)
        if (++slices % SLICES_PER_TURN === 0) await nextTurn()
      }
    }
    push(Buffer.alloc(0), true)
  } catch (cause) {
    if (cause instanceof CelosiaError && cause.code.startsWith('ERR_JSON_')) {
      throw new RefusedError('upstream-body-refused', { cause })
    }
    throw cause
  }
  return { bytes: Buffer.concat(out), exposures: rewriter.exposures() }
}
