/**
 * What policies mean, as data: test/cases/*.yaml. Each case is also run with the answer cut into single bytes and with
 * every map and list of the policy turned round, since neither may change anything.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { parse, stringify } from 'yaml'
import { CelosiaError } from '../../src/core/errors.ts'
import type { ClassExposure } from '../../src/core/audit-facts.ts'
import type { Reader } from '../../src/json/program-source.ts'
import { parseTarget } from '../../src/rules/request/target.ts'
import { withDictionary } from '../../src/rules/compile/record-dictionary.ts'
import { decide, ofRoles } from '../../src/rules/decide.ts'
import type { Standing } from '../../src/rules/decide.ts'
import type {
  CompiledPolicy,
  ExposureReport,
  RouteMasking,
} from '../../src/rules/compiled-policy.ts'
import { compileText, PRELUDE } from './policy-text.ts'

/** Shown and masked. */
type Counts = Readonly<Record<string, readonly [shown: number, masked: number, revealed?: number]>>

interface Case {
  readonly name: string
  /** Replaces the policy of the file. */
  readonly policy?: string
  /** Undefined: `GET /user`. */
  readonly request?: string
  /** As the token names them, known or not. */
  readonly roles: readonly string[]
  /** Levels of assurance that the login meets. Undefined: all. */
  readonly assurance?: readonly string[]
  /** False: the privacy training is overdue. */
  readonly trained?: boolean
  /** What it asks for; null: it does not say. Undefined: nobody asks. */
  readonly purpose?: string | null
  /** Classes that are revealed for this request. */
  readonly revealed?: readonly string[]
  readonly answer?: string
  /** The bytes that leave. */
  readonly expect?: string
  /** Instead of `expect`: the reason of a denial, or the code with which the answer is refused. */
  readonly denied?: string
  readonly refused?: string
  readonly classes?: Counts
  /** By `kind id`; `unknown` is what lies under no data subject. */
  readonly dataSubjects?: Readonly<Record<string, Counts>>
  /** Classes that look-up rules count, by data subject. */
  readonly counted?: Readonly<Record<string, readonly string[]>>
}

interface CaseFile {
  readonly policy: string
  readonly cases: readonly Case[]
}

const FOLDER = new URL('../cases/', import.meta.url)

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))) {
  const { policy, cases } = parse(readFileSync(new URL(file, FOLDER), 'utf8')) as CaseFile
  for (const item of cases) {
    test(`${file}: ${item.name}`, async (t) => {
      const text = PRELUDE + (item.policy ?? policy)
      const compiled = compileText(text)
      const actual = run(compiled, item, whole)
      t.same(actual, expectation(item, actual))
      t.same(run(compiled, item, byByte), actual, 'the same, byte by byte')
      t.same(run(compileText(turned(text)), item, whole), actual, 'the same, turned round')
    })
  }
}

type Outcome =
  | { readonly denied: string }
  | { readonly refused: string }
  | {
      readonly expect: string
      readonly classes: Counts
      readonly dataSubjects: Readonly<Record<string, Counts>>
      readonly counted: Readonly<Record<string, readonly string[]>>
    }

function run(
  policy: CompiledPolicy,
  item: Case,
  mask: (masking: RouteMasking, answer: Uint8Array) => Masked,
): Outcome {
  const { request = 'GET /user', answer = '' } = item
  const [method = '', path = ''] = request.split(' ')
  const match = policy.routes.find(method, parseTarget(path)?.parts ?? [])
  const decision = decide(match?.route, standingOf(policy, item))
  if (decision.effect === 'deny') return { denied: decision.reasons[0] }
  try {
    const { bytes, report } = mask(decision.masking, Buffer.from(answer))
    const bySubject = <T>(of: (entry: ExposureReport['dataSubjects'][number]) => T) => {
      const named = new Map<string, T>()
      for (const entry of report.dataSubjects) {
        const name = entry.kind === undefined ? 'unknown' : `${entry.kind} ${entry.id}`
        named.set(named.has(name) ? `${name}, again` : name, of(entry))
      }
      return Object.fromEntries(named)
    }
    return {
      expect: bytes.toString(),
      classes: counts(report.classes),
      dataSubjects: bySubject((entry) => counts(entry.classes)),
      counted: bySubject((entry) => entry.exposed),
    }
  } catch (error) {
    if (error instanceof CelosiaError) return { refused: error.code }
    throw error
  }
}

function standingOf(
  policy: CompiledPolicy,
  { roles, assurance, trained, purpose, revealed }: Case,
): Standing {
  const full = ofRoles(policy, roles)
  return {
    ...full,
    assurance: assurance === undefined ? full.assurance : new Set(assurance),
    trained: trained ?? true,
    ...(purpose !== undefined && { purpose: purposeOf(purpose) }),
    revealed: revealed ?? [],
  }
}

function purposeOf(name: string | null): Standing['purpose'] {
  return name === null ? undefined : { name, header: 'celosia-purpose', ticket: undefined }
}

// What a case does not speak of is not held against it.
function expectation(item: Case, actual: Outcome): Outcome {
  if (item.denied !== undefined) return { denied: item.denied }
  if (item.refused !== undefined) return { refused: item.refused }
  const { expect = 'a case needs expect, denied or refused' } = item
  if (!('expect' in actual)) return { ...item, expect } as Outcome
  return {
    expect,
    classes: item.classes ?? actual.classes,
    dataSubjects: item.dataSubjects ?? actual.dataSubjects,
    counted: item.counted ?? actual.counted,
  }
}

interface Masked {
  readonly bytes: Buffer
  readonly report: ExposureReport
}

function whole(masking: RouteMasking, answer: Uint8Array): Masked {
  return inPieces(masking, answer, Math.max(answer.byteLength, 1))
}

function byByte(masking: RouteMasking, answer: Uint8Array): Masked {
  return inPieces(masking, answer, 1)
}

function inPieces(masking: RouteMasking, answer: Uint8Array, size: number): Masked {
  const reader = readerOf(masking, answer)
  const rewriter = masking.program.start(undefined, reader)
  const out: Buffer[] = []
  for (let at = 0; at <= answer.byteLength; at += size) {
    const pushed = rewriter.push(answer.subarray(at, at + size), at + size > answer.byteLength)
    if (pushed.kind === 'bytes') out.push(pushed.bytes)
  }
  return { bytes: Buffer.concat(out), report: masking.report(rewriter.exposures()) }
}

/** With the values of the answer where the masking looks for them elsewhere. */
function readerOf({ gather }: RouteMasking, answer: Uint8Array): Reader | undefined {
  if (gather === undefined) return undefined
  const reader = withDictionary({ seal: undefined, said: new Map() })
  gather(undefined, reader).push(answer, true)
  return reader
}

function counts(classes: readonly ClassExposure[]): Counts {
  return Object.fromEntries(
    classes.map(({ class: name, shown, masked, revealed }) => [
      name,
      revealed === 0 ? [shown, masked] : [shown, masked, revealed],
    ]),
  )
}

function turned(text: string): string {
  const turn = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(turn).toReversed()
    if (node === null || typeof node !== 'object') return node
    return Object.fromEntries(
      Object.entries(node)
        .toReversed()
        .map(([key, value]) => [key, turn(value)]),
    )
  }
  return stringify(turn(parse(text)))
}
