/** One case of the differential fuzz: a random program over a random document in random pieces, against the reference. */
import { CelosiaError } from '../../../src/core/errors.ts'
import { DEFAULT_LIMITS } from '../../../src/json/limits.ts'
import { compileProgram } from '../../../src/json/program.ts'
import type { Program } from '../../../src/json/program-source.ts'
import { scanner } from '../../../src/json/scanner/scanner.ts'
import { toldExposures, type ToldExposures } from '../told-exposures.ts'
import { mutated, randomDocument } from './random-document.ts'
import { randomProgram } from './random-program.ts'
import { Random } from './random.ts'
import { referenceRewrite } from './rewrite.ts'
import { withPlaces } from './told-places.ts'
import { isJson } from './tree.ts'

/** What a run gives: bytes and counts, or the code of its refusal. */
export interface Ran {
  readonly bytes: string
  readonly exposures: ToldExposures | undefined
  readonly refused: string | undefined
}

/** What came of a case; `fault` is undefined where all agree. */
export interface CaseResult {
  readonly isValid: boolean
  readonly fault: string | undefined
}

const CHUNK_SIZES = [1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 64, 100, 333, 1_000]
const MUTATED_IN_TEN = 4
const OTHER_PIECE = 50

/** Runs case number `seed`. */
export function runCase(seed: number): CaseResult {
  const random = new Random(seed)
  const { source: plain, text, keys, aside } = randomProgram(random)
  // Every other case counts by place, too.
  const source = seed % 2 === 0 ? withPlaces(plain) : plain
  let document: Buffer = Buffer.from(randomDocument(random))
  if (random.integer(10) < MUTATED_IN_TEN) document = mutated(random, document)
  const isValid = isJson(document)
  const program = compileProgram(source)
  const whole = runProgram(program, document, { sizes: [document.length], keys })
  const sizes = Array.from({ length: 3 }, () => random.pick(CHUNK_SIZES))
  const runs = [whole]
  keys.clear()
  runs.push(runProgram(program, document, { sizes, keys }))
  keys.clear()
  const other = otherDocument(program, Buffer.from(randomDocument(random)), keys)
  aside.run = other
  runs.push(
    runProgram(program, document, { sizes: [random.pick(CHUNK_SIZES)], keys, between: other }),
  )
  aside.run = undefined
  keys.clear()
  runs.push(withoutScanner(() => runProgram(program, document, { sizes, keys })))
  keys.clear()
  runs.push(runProgram(program, document, { sizes, keys, collect: random.integer(100) }))
  const wanted = expected(source, document, isValid, keys)
  const different = runs.findIndex((ran) => !same(ran, wanted))
  if (different < 0) return { isValid, fault: undefined }
  const report = {
    seed,
    run: different,
    sizes,
    statesMax: source.limits.statesMax,
    scopeIdsMax: source.limits.scopeIdsMax,
    document: document.toString('latin1'),
    wanted,
    got: runs[different],
  }
  return { isValid, fault: `${text}\n${JSON.stringify(report, undefined, 1)}` }
}

/** Runs something while the scanner is in other hands, so that the walk does everything by itself. */
export function withoutScanner<T>(run: () => T): T {
  if (scanner?.begin(NOTHING, DEFAULT_LIMITS) === false) throw new Error('the scanner is in use')
  try {
    return run()
  } finally {
    scanner?.end()
  }
}

const NOTHING = new Uint8Array(0)

/** Pushes a document in pieces of these sizes, in turn, and fetches keys as they are asked for. */
export function runProgram(
  program: Program,
  document: Buffer,
  how: {
    readonly sizes: readonly number[]
    readonly keys: Set<string>
    readonly between?: () => void
    /** Collects the bytes, of which so many are expected. */
    readonly collect?: number
  },
): Ran {
  const rewriter = program.start(how.collect)
  const out: Buffer[] = []
  let at = 0
  try {
    for (let turn = 0; ; turn += 1) {
      const end = at + (how.sizes[turn % how.sizes.length] ?? 1)
      // A copy that is overwritten afterwards: what was returned must not change with it.
      const piece = Buffer.from(document.subarray(at, end))
      let pushed = rewriter.push(piece, end >= document.length)
      while (pushed.kind === 'need') {
        for (const key of pushed.keyIds) how.keys.add(key)
        pushed = rewriter.push(new Uint8Array(0), end >= document.length)
      }
      out.push(Buffer.from(pushed.bytes), ...(turn % 3 === 2 ? rewriter.takeParts() : []))
      how.between?.()
      at = end
      if (at >= document.length) break
    }
  } catch (error) {
    if (!(error instanceof CelosiaError)) throw error
    return { bytes: '', exposures: undefined, refused: error.code }
  }
  const bytes = Buffer.concat([...out, rewriter.take()]).toString('latin1')
  return { bytes, exposures: toldExposures(rewriter.exposures()), refused: undefined }
}

/** Runs the same program on another document, a piece at each call, whatever comes of it. */
function otherDocument(program: Program, document: Buffer, keys: Set<string>): () => void {
  let rewriter = program.start()
  let at = 0
  let isInside = false
  return () => {
    if (isInside) return
    isInside = true
    try {
      const last = at + OTHER_PIECE >= document.length
      const pushed = rewriter.push(document.subarray(at, at + OTHER_PIECE), last)
      if (pushed.kind === 'need') for (const key of pushed.keyIds) keys.add(key)
      at += OTHER_PIECE
      if (last || pushed.kind === 'need') throw new Finished()
    } catch (error) {
      if (!(error instanceof CelosiaError || error instanceof Finished)) throw error
      rewriter = program.start()
      at = 0
    }
    isInside = false
  }
}

/** The other document is at its end. */
class Finished extends Error {}

function expected(
  source: Parameters<typeof referenceRewrite>[0],
  document: Buffer,
  isValid: boolean,
  keys: Set<string>,
): Ran {
  if (!isValid) return { bytes: '', exposures: undefined, refused: 'ERR_JSON_SYNTAX' }
  // The reference never waits for keys.
  const all = Object.assign(keys, { has: () => true })
  const outcome = referenceRewrite(source, document)
  Reflect.deleteProperty(all, 'has')
  if (outcome === 'ambiguous') {
    return { bytes: '', exposures: undefined, refused: 'ERR_JSON_AMBIGUOUS' }
  }
  const { bytes, exposures } = outcome
  return { bytes: bytes.toString('latin1'), exposures, refused: undefined }
}

/** Faults of syntax and of encoding may be found one before the other, and before an ambiguity. */
function same(a: Ran, b: Ran): boolean {
  if (a.refused !== undefined || b.refused !== undefined) {
    if (b.refused === 'ERR_JSON_AMBIGUOUS') return a.refused === b.refused
    return b.refused !== undefined && a.refused !== undefined
  }
  return a.bytes === b.bytes && JSON.stringify(a.exposures) === JSON.stringify(b.exposures)
}
