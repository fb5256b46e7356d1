/** Holds the queries of a route against its sample answer: a query that matches nothing there is a fault. */
import { isUtf8 } from 'node:buffer'
import { CelosiaError } from '../../core/errors.ts'
import { documentsOf } from '../../json/formats/formats.ts'
import type { BodyFormat } from '../../json/formats/formats.ts'
import type { Limits } from '../../json/limits.ts'
import type { Query } from '../../json/query/ast.ts'
import { Budget } from '../../json/evaluate/budget.ts'
import { selectNodes } from '../../json/evaluate/select.ts'
import { buildTape, KIND_NUMBER, KIND_OBJECT, KIND_STRING } from '../../json/tape/tape.ts'
import type { Tape } from '../../json/tape/tape.ts'
import { shapeFault, type AnswerShape } from '../answer-shape.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'
import type { RouteQueries } from './route-queries.ts'

/** Largest fixture that is read. */
export const FIXTURE_BYTES_MAX = 1_048_576

export interface FixtureCheck {
  /** Content of the file, or undefined where it could not be read. */
  readonly bytes: Uint8Array | undefined
  readonly path: PolicyPath
  readonly queries: Pick<
    RouteQueries,
    'fields' | 'plain' | 'links' | 'cursors' | 'dictionaries' | 'dataSubjects'
  >
  readonly format: BodyFormat
  /** What each document must look like; undefined: anything. */
  readonly shape?: AnswerShape | undefined
  readonly limits: Limits
}

/** Complains of a fixture that is not of its format and of each query of the route that selects nothing in it. */
export function checkFixture(check: FixtureCheck, complaints: Complaints): void {
  const { queries, limits } = check
  const tapes = readFixture(check, complaints)
  if (tapes === undefined) return
  const budget = new Budget(limits.filterStepsMax)
  const select = (query: Query, place: PolicyPath) =>
    attempt(complaints, place, () =>
      tapes.flatMap((tape) => selectNodes(query, tape, budget).map((node) => ({ tape, node }))),
    )
  const requireMatch = (query: Query, place: PolicyPath) => {
    if (select(query, place)?.length === 0) {
      complaints.add(
        place,
        `query \`${query.text}\` matches nothing in the fixture`,
        'a rule that matches nothing hides nothing: correct the query, or add the field to the fixture',
      )
    }
  }
  checkShape(check, tapes, complaints)
  for (const { query, path } of [
    ...queries.fields,
    ...queries.plain,
    ...queries.links,
    ...queries.cursors,
  ]) {
    requireMatch(query, path)
  }
  for (const { query, path: place } of queries.dictionaries) {
    const nodes = select(query, place)
    if (nodes !== undefined && !nodes.some(({ tape, node }) => tape.kind[node] === KIND_OBJECT)) {
      complaints.add(
        place,
        `query \`${query.text}\` selects no object in the fixture`,
        'only objects have member names to mask',
      )
    }
  }
  for (const subject of queries.dataSubjects) {
    requireMatch(subject.at, [...subject.path, 'at'])
    const whole = {
      text: `${subject.at.text} ${subject.id.text}`,
      segments: [...subject.at.segments, ...subject.id.segments],
    }
    const place = [...subject.path, 'id']
    const ids = select(whole, place)
    if (ids !== undefined && (ids.length === 0 || !ids.every(isId))) {
      complaints.add(
        place,
        `\`${subject.id.text}\` selects no id in the fixture`,
        'an id is a string or a number',
      )
    }
  }
}

function checkShape(
  { path, shape = [], limits }: FixtureCheck,
  tapes: readonly Tape[],
  complaints: Complaints,
): void {
  for (const line of shape) {
    const place = [...path, 'shape', line.query.text]
    const isOther = attempt(complaints, place, () =>
      tapes.some((tape) => shapeFault([line], tape, new Budget(limits.filterStepsMax))),
    )
    if (isOther !== true) continue
    complaints.add(
      place,
      `the fixture has no ${line.types.join(' or ')} there`,
      'correct the type, or the fixture',
    )
  }
}

/** The documents of the fixture, or undefined after a complaint. */
function readFixture(
  { bytes, path, format, limits }: FixtureCheck,
  complaints: Complaints,
): readonly Tape[] | undefined {
  const at = [...path, 'fixture']
  if (bytes === undefined) {
    complaints.add(
      at,
      'the fixture cannot be read',
      'save one answer of the upstream there, or write `fixture: none`',
    )
    return undefined
  }
  const documents = bytes.byteLength > FIXTURE_BYTES_MAX ? [] : documentsIn(bytes, format)
  if (documents.length === 0 || !documents.every(isJson)) {
    const name = format.kind === 'json' ? 'JSON' : format.kind
    complaints.add(at, `the fixture is not ${name} of at most ${FIXTURE_BYTES_MAX} bytes`)
    return undefined
  }
  return attempt(complaints, at, () =>
    documents.map((document) => buildTape(document, 0, document.byteLength, limits)),
  )
}

/** None where the fixture is not of the format. */
function documentsIn(bytes: Uint8Array, format: BodyFormat): readonly Uint8Array[] {
  try {
    return documentsOf(format, bytes)
  } catch (error) {
    if (error instanceof CelosiaError) return []
    throw error
  }
}

// What the engine refuses in a fixture it would refuse in an answer like it.
function attempt<T>(complaints: Complaints, place: PolicyPath, run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof CelosiaError)) throw error
    complaints.add(place, `the fixture cannot be decided: ${error.message}`)
    return undefined
  }
}

function isId({ tape, node }: { readonly tape: Tape; readonly node: number }): boolean {
  return tape.kind[node] === KIND_STRING || tape.kind[node] === KIND_NUMBER
}

// The tape trusts its bytes, so they are checked here first.
function isJson(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return true
  } catch {
    return false
  }
}
