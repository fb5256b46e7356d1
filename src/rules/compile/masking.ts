/**
 * One masking program for a (route, role set): which operator wins at each location, and what is counted there.
 * Locations are those of the original document; the order of rules plays no part.
 */
import { strict as assert } from 'node:assert'
import { starterOf } from '../../json/formats/formats.ts'
import type { BodyFormat } from '../../json/formats/formats.ts'
import type { Limits } from '../../json/limits.ts'
import type { Target, Treatment } from '../../json/program-source.ts'
import { compileProgram } from '../../json/program.ts'
import type { RouteMasking } from '../compiled-policy.ts'
import type { AssuranceLevel } from '../trust.ts'
import type { OperatorInstance } from '../operator.ts'
import { maskByType } from '../operators/mask-by-type.ts'
import { REDACT } from '../operators/redact.ts'
import { mostProtective } from '../protection.ts'
import type { Pseudonymizer } from '../pseudonymizer.ts'
import { couldBeMask } from '../writes/returned.ts'
import type { ExposureForm, ScanView } from '../operator.ts'
import type { DataClass } from './classes.ts'
import {
  COUNTERS_PER_CLASS,
  exposureReport,
  HIDDEN,
  PART,
  REVEALED,
  SHOWN,
} from './exposure-report.ts'
import { dictionaryOf, elsewhereEdit, gatheringProgram } from './record-dictionary.ts'
import type { DictionaryUse } from './record-dictionary.ts'
import type { RouteQueries } from './route-queries.ts'

/** What stands for a foreign member name where there is no key for pseudonyms. */
const FOREIGN_NAME = '[masked]'
/** The domain of the pseudonyms of member names. */
const MEMBER_NAME = 'member-name'

export interface MaskingSource {
  readonly queries: RouteQueries
  /** Classes that bodies of requests, and errors, can hold. */
  readonly beside: readonly string[]
  readonly classes: ReadonlyMap<string, DataClass>
  /** Classes that the role set sees in clear. */
  readonly shown: ReadonlySet<string>
  /** Classes that it may set without seeing them. */
  readonly writable: ReadonlySet<string>
  /** Classes that it sees in clear for this request only. */
  readonly revealed: ReadonlySet<string>
  readonly limits: Limits
  readonly format: BodyFormat
  /** Bytes of one record, where the format has records. */
  readonly recordBytesMax: number
  /** Needed where the route has dictionaries. */
  readonly pseudonymizer: Pseudonymizer | undefined
  /** Needed where the route has links. */
  readonly link: OperatorInstance | undefined
  /** What seals cursors of the route. */
  readonly cursor: OperatorInstance
  /** Whether values that are masked are looked for in the other texts of an answer. */
  readonly dictionary: DictionaryUse | undefined
}

/** Compiles the program. Throws only what {@link compileProgram} throws (ERR_QUERY_LIMIT). */
export function compileMasking(source: MaskingSource): RouteMasking {
  const { queries, classes, shown, limits } = source
  const classQueries = [...queries.fields, ...queries.anywhere]
  const names = classNames(classQueries, classes)
  const classOfTarget = classQueries.map((entry) => names.indexOf(entry.dataClass))
  const targets = targetsOf(queries)
  const firstDictionary = targets.length - queries.dictionaries.length
  const firstCursor = firstDictionary - queries.cursors.length
  const firstLink = firstCursor - queries.links.length
  const memberName = memberNameEdit(source)
  const foreignName = foreignNameEdit(source)
  const treatments = { names, source }
  const elsewhere = elsewhereEdit({ view: scanView([], treatments), classes })
  const valueTreatment = (covering: readonly number[]): Treatment => {
    const present = [...new Set(covering.flatMap((target) => classOfTarget[target] ?? []))]
    const led = [
      ...(covering.some((target) => target >= firstLink && target < firstCursor)
        ? [linkOf(source)]
        : []),
      ...(covering.some((target) => target >= firstCursor) ? [source.cursor] : []),
    ]
    const treatment =
      present.length > 0 || led.length > 0
        ? treatmentOf(present, led, treatments)
        : covering.length > 0 || queries.unlisted === 'show'
          ? SHOW
          : UNLISTED
    if (treatment.leaf !== undefined) return { ...treatment, foreignName }
    return source.dictionary === undefined ? treatment : { ...treatment, leaf: elsewhere }
  }
  const program = compileProgram({
    targets,
    scopes: queries.dataSubjects.map(({ at, id }) => ({ at, id })),
    counterCount: names.length * COUNTERS_PER_CLASS,
    limits,
    resolve: (covering) => {
      // Names and values are apart: what is done to the names of an object says nothing of what lies below.
      const values = covering.filter((target) => target < firstDictionary)
      const treatment = valueTreatment(values)
      return values.length < covering.length ? { ...treatment, memberName } : treatment
    },
  })
  const records = { recordBytesMax: source.recordBytesMax, subjectsMax: limits.scopeIdsMax }
  const hiddenOf = (covering: readonly number[]): DataClass | undefined => {
    const present = covering.flatMap((target) => classOfTarget[target] ?? [])
    return hiddenValueClass(present, treatments)
  }
  return {
    program,
    start: starterOf(program, source.format, records),
    gather:
      source.dictionary &&
      starterOf(gatheringProgram(targets, hiddenOf, limits), source.format, records),
    streamed:
      source.dictionary === 'required'
        ? compileMasking({ ...source, dictionary: undefined, classes: withTextsWhole(classes) })
        : undefined,
    report: (exposures) => exposureReport(exposures, names, queries),
    hidden: names.filter((name) => !isVisible(name, source)),
    revealed: names.filter((name) => source.revealed.has(name)),
    shown,
    writable: source.writable,
    couldBeMask: (dataClass, leaf) => {
      const mask = classes.get(dataClass)?.mask
      return couldBeMask(leaf, mask === undefined ? [] : [mask], limits)
    },
    seesAll: [...classes.keys()].every((name) => shown.has(name)),
    assurance: levelsNeeded([...names, ...source.beside], source),
  }
}

function targetsOf(queries: RouteQueries): readonly Target[] {
  return [
    ...[...queries.fields, ...queries.anywhere].map(({ query }) => ({
      query,
      reach: 'subtree' as const,
    })),
    ...queries.plain.map(({ query }) => ({ query, reach: 'leaf' as const })),
    ...queries.links.map(({ query }) => ({ query, reach: 'subtree' as const })),
    ...queries.cursors.map(({ query }) => ({ query, reach: 'subtree' as const })),
    ...queries.dictionaries.map(({ query }) => ({ query, reach: 'names' as const })),
  ]
}

function isVisible(name: string, { shown, revealed }: MaskingSource): boolean {
  return shown.has(name) || revealed.has(name)
}

// Who sees a class may also send it, and needs for both what the class needs.
function levelsNeeded(names: readonly string[], source: MaskingSource): readonly AssuranceLevel[] {
  const levels = names.flatMap((name) =>
    isVisible(name, source) ? (source.classes.get(name)?.assurance ?? []) : [],
  )
  return [...new Set(levels)]
}

function memberNameEdit({ queries, pseudonymizer }: MaskingSource): Treatment['memberName'] {
  if (queries.dictionaries.length === 0) return undefined
  assert(pseudonymizer !== undefined, 'a policy that masks member names has a key')
  return (name) => maskedName(name, pseudonymizer)
}

// Where values are masked, a name that was made of a value must not tell it.
function foreignNameEdit({ pseudonymizer }: MaskingSource): Treatment['foreignName'] {
  return (name) => maskedName(name, pseudonymizer)
}

/** What stands for a member name that is masked. */
export function maskedName(name: string, pseudonymizer: Pseudonymizer | undefined): string {
  return pseudonymizer === undefined ? FOREIGN_NAME : pseudonymizer.pseudonym(MEMBER_NAME, name)
}

const SHOW: Treatment = {
  leaf: undefined,
  container: undefined,
  memberName: undefined,
  counters: [],
}
const UNLISTED: Treatment = { ...SHOW, leaf: maskByType().leaf }

/** The classes that queries name, and those that are found in texts of them. */
export function classNames(
  queries: readonly { readonly dataClass: string }[],
  classes: ReadonlyMap<string, DataClass>,
): readonly string[] {
  const names = queries.flatMap(({ dataClass }) => [
    dataClass,
    ...(classes.get(dataClass)?.mask.scan?.classes ?? []),
  ])
  return [...new Set(names)].toSorted()
}

interface Treatments {
  readonly names: readonly string[]
  readonly source: MaskingSource
}

function treatmentOf(
  present: readonly number[],
  led: readonly OperatorInstance[],
  treatments: Treatments,
): Treatment {
  const { names, source } = treatments
  const operators = present.map((index) => {
    const name = names[index] ?? ''
    // A class without an entry cannot come from a checked policy; hiding it keeps a slip from showing it.
    return isVisible(name, source) ? 'show' : (source.classes.get(name)?.mask ?? REDACT_UNKNOWN)
  })
  const winner = mostProtective([...operators, ...led])
  // A link that is led to the gateway still says what it said; a cursor is told to nobody.
  const shows = winner === 'show' || led.includes(winner)
  const clearForm = (index: number) => (source.revealed.has(names[index] ?? '') ? REVEALED : SHOWN)
  const hiddenForm = winner !== 'show' && winner.partial ? PART : HIDDEN
  const counters = present.map(
    (index) => index * COUNTERS_PER_CLASS + (shows ? clearForm(index) : hiddenForm),
  )
  if (winner === 'show') return { ...SHOW, counters }
  const { leaf, container, scan } = winner
  if (scan === undefined) return { leaf, container, memberName: undefined, counters }
  return {
    leaf: scan.bind(scanView(present, treatments)),
    container,
    memberName: undefined,
    counters: scan.countsLocation ? [] : counters,
  }
}

/** The first class that covers a location and is not seen there, unless it is one of texts. */
function hiddenValueClass(
  present: readonly number[],
  { names, source }: Treatments,
): DataClass | undefined {
  const hidden = present
    .map((index) => names[index] ?? '')
    .filter((name) => !isVisible(name, source))
  const isText = hidden.some((name) => source.classes.get(name)?.mask.scan !== undefined)
  return isText ? undefined : source.classes.get(hidden[0] ?? '')
}

function withTextsWhole(classes: ReadonlyMap<string, DataClass>): ReadonlyMap<string, DataClass> {
  return new Map(
    [...classes].map(([name, entry]) => [
      name,
      entry.mask.scan === undefined ? entry : { ...entry, mask: REDACT },
    ]),
  )
}

const FORMS = { shown: SHOWN, part: PART, hidden: HIDDEN } as const

function scanView(present: readonly number[], { names, source }: Treatments): ScanView {
  const counterOf = (index: number, form: ExposureForm): number => {
    const isRevealed = form === 'shown' && source.revealed.has(names[index] ?? '')
    return index * COUNTERS_PER_CLASS + (isRevealed ? REVEALED : FORMS[form])
  }
  return {
    isShown: (dataClass) => isVisible(dataClass, source),
    elsewhere: ({ reader }) => dictionaryOf(reader),
    count: ({ count }, dataClass, form) => count(counterOf(names.indexOf(dataClass), form), 1),
    countLocation: ({ count }, form) => {
      for (const index of present) count(counterOf(index, form), 1)
    },
  }
}

function linkOf({ link }: MaskingSource): OperatorInstance {
  assert(link !== undefined, 'a policy that leads links to the gateway says where it is')
  return link
}

const REDACT_UNKNOWN = maskByType()
