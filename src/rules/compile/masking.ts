/**
 * One masking program for a (route, role set): which operator wins at each location, and what is counted there.
 * Locations are those of the original document; the order of rules plays no part.
 */
import { strict as assert } from 'node:assert'
import { starterOf } from '../../json/formats/formats.ts'
import type { BodyFormat } from '../../json/formats/formats.ts'
import type { Limits } from '../../json/limits.ts'
import type { Treatment } from '../../json/program-source.ts'
import { compileProgram } from '../../json/program.ts'
import type { RouteMasking } from '../compiled-policy.ts'
import type { AssuranceLevel } from '../trust.ts'
import type { OperatorInstance } from '../operator.ts'
import { maskByType } from '../operators/mask-by-type.ts'
import { REDACT } from '../operators/redact.ts'
import { SUPPRESS } from '../operators/suppress.ts'
import { mostProtective } from '../protection.ts'
import type { Pseudonymizer } from '../pseudonymizer.ts'
import { couldBeMask } from '../writes/returned.ts'
import type { DataClass } from './classes.ts'
import {
  COUNTERS_PER_CLASS,
  exposureReport,
  HIDDEN,
  PART,
  REVEALED,
  SHOWN,
} from './exposure-report.ts'
import { createLedger } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import { elsewhereEdit, gatheringProgram } from './record-dictionary.ts'
import type { DictionaryUse, HiddenValue } from './record-dictionary.ts'
import type { RouteQueries } from './route-queries.ts'
import { ledBy, targetsOf } from './targets.ts'
import { scanView } from './scan-view.ts'

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
  /** Whether locations are counted rule by rule. */
  readonly ledger: boolean
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
  const firstCounter = names.length * COUNTERS_PER_CLASS
  const ledger = ledgerOf(source, firstCounter)
  const memberName = memberNameEdit(source)
  const foreignName = foreignNameEdit(source)
  const treatments = { names, source, ledger }
  const elsewhere = elsewhereEdit({ view: scanView([], { ...source, names }), classes })
  const valueTreatment = (covering: readonly number[]): Treatment => {
    const present = [...new Set(covering.flatMap((target) => classOfTarget[target] ?? []))]
    const led = ledBy(covering, source)
    const treatment =
      present.length > 0 || led.length > 0
        ? treatmentOf(present, led, { ...treatments, covering })
        : covering.length > 0 || queries.unlisted === 'show'
          ? SHOW
          : { ...UNLISTED, countersAt: ledger?.unlisted }
    if (treatment.leaf !== undefined) return { ...treatment, foreignName }
    return source.dictionary === undefined ? treatment : { ...treatment, leaf: elsewhere }
  }
  const program = compileProgram({
    targets,
    scopes: queries.dataSubjects.map(({ at, id }) => ({ at, id })),
    counterCount: firstCounter + (ledger?.counterCount ?? 0),
    scopedCounters: firstCounter,
    places: ledger?.tellsPlaces,
    limits,
    resolve: (covering) => {
      // Names and values are apart: what is done to the names of an object says nothing of what lies below.
      const values = covering.filter((target) => target < firstDictionary)
      const treatment = valueTreatment(values)
      return values.length < covering.length ? { ...treatment, memberName } : treatment
    },
  })
  const records = { recordBytesMax: source.recordBytesMax, subjectsMax: limits.scopeIdsMax }
  const runs = dictionaryRuns(source, (covering) => {
    const present = covering.flatMap((target) => classOfTarget[target] ?? [])
    return hiddenValue(present, treatments)
  })
  return {
    program,
    start: starterOf(program, source.format, records),
    ...runs,
    isWorn: () =>
      ledger?.isFull() === true || program.placesFull() || runs.streamed?.isWorn() === true,
    report: (exposures) => ({
      ...exposureReport(exposures, names, queries),
      ...(ledger !== undefined && { locations: ledger.read(exposures.counters) }),
    }),
    hidden: names.filter((name) => !isVisible(name, source)),
    revealed: names.filter((name) => source.revealed.has(name)),
    exposable: new Set(names.filter((name) => isExposable(name, source))),
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

function ledgerOf(
  { ledger, queries, classes }: MaskingSource,
  firstCounter: number,
): Ledger | undefined {
  if (!ledger) return undefined
  return createLedger({
    queries: [...queries.fields, ...queries.anywhere],
    maskOf: (name) => classes.get(name)?.mask,
    firstCounter,
    places: queries.hasCallerNames !== true,
  })
}

function dictionaryRuns(
  source: MaskingSource,
  hiddenOf: (covering: readonly number[]) => HiddenValue | undefined,
): Pick<RouteMasking, 'gather' | 'streamed'> {
  const { dictionary, queries, classes, limits, recordBytesMax } = source
  if (dictionary === undefined) return { gather: undefined, streamed: undefined }
  const program = gatheringProgram(targetsOf(queries), hiddenOf, limits)
  const records = { recordBytesMax, subjectsMax: limits.scopeIdsMax }
  return {
    gather: starterOf(program, source.format, records),
    streamed:
      dictionary === 'required'
        ? compileMasking({ ...source, dictionary: undefined, classes: withTextsWhole(classes) })
        : undefined,
  }
}

function isVisible(name: string, { shown, revealed }: MaskingSource): boolean {
  return shown.has(name) || revealed.has(name)
}

function isExposable(name: string, source: MaskingSource): boolean {
  const mask = source.classes.get(name)?.mask
  return isVisible(name, source) || mask === undefined || mask.partial || mask.scan !== undefined
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
  readonly ledger: Ledger | undefined
}

function treatmentOf(
  present: readonly number[],
  led: readonly OperatorInstance[],
  treatments: Treatments & { readonly covering: readonly number[] },
): Treatment {
  const { names, source, ledger, covering } = treatments
  const operators = present.map((index) => {
    const name = names[index] ?? ''
    // A class without an entry cannot come from a checked policy; hiding it keeps a slip from showing it.
    return isVisible(name, source) ? 'show' : (source.classes.get(name)?.mask ?? REDACT_UNKNOWN)
  })
  const winner = mostProtective([...operators, ...led])
  // A link that is led to the gateway still says what it said; a cursor is told to nobody.
  const shows = winner === 'show' || (winner !== SUPPRESS && led.includes(winner))
  const clearForm = (index: number) => (source.revealed.has(names[index] ?? '') ? REVEALED : SHOWN)
  const hiddenForm = winner !== 'show' && winner.partial ? PART : HIDDEN
  const isRevealed = (name: string) => source.revealed.has(name)
  const countersAt = ledger?.countersOf({ targets: covering, winner, clear: shows, isRevealed })
  const counters = present.map(
    (index) => index * COUNTERS_PER_CLASS + (shows ? clearForm(index) : hiddenForm),
  )
  if (winner === 'show') return { ...SHOW, counters, countersAt }
  const { leaf, container, scan } = winner
  if (scan === undefined) return { leaf, container, memberName: undefined, counters, countersAt }
  return {
    leaf: scan.bind(scanView(present, { ...source, names })),
    container,
    memberName: undefined,
    counters: scan.countsLocation ? [] : counters,
    countersAt,
  }
}

/**
 * By the first class that covers a location and is not seen there. Where several operators meet, nothing of the value is told
 * elsewhere, as there. Undefined: no class is hidden there, or one of texts is.
 */
function hiddenValue(
  present: readonly number[],
  { names, source }: Treatments,
): HiddenValue | undefined {
  // By name, so that the order of rules plays no part.
  const hidden = present
    .toSorted((a, b) => a - b)
    .flatMap((index) => {
      const name = names[index] ?? ''
      return isVisible(name, source) ? [] : (source.classes.get(name) ?? [])
    })
  const [first] = hidden
  if (first === undefined || hidden.some(({ mask }) => mask.scan !== undefined)) return undefined
  return {
    dataClass: first.name,
    redact: hidden.some(({ mask }) => mask.id !== first.mask.id),
    isAllowed: (text) => hidden.every((one) => one.isAllowed(text)),
  }
}

function withTextsWhole(classes: ReadonlyMap<string, DataClass>): ReadonlyMap<string, DataClass> {
  return new Map(
    [...classes].map(([name, entry]) => [
      name,
      entry.mask.scan === undefined ? entry : { ...entry, mask: REDACT },
    ]),
  )
}

const REDACT_UNKNOWN = maskByType()
