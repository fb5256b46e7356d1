/**
 * Values that an answer masks in its fields are masked in its other texts too: a first run gathers them, for the reader of this
 * answer alone, and the run that masks looks for them.
 */
import type { Limits } from '../../json/limits.ts'
import type { Program, Reader, Target, Treatment } from '../../json/program-source.ts'
import { compileProgram } from '../../json/program.ts'
import { ValueDictionary } from '../../recognizers/dictionary/value-dictionary.ts'
import type { ValueClass } from '../../recognizers/dictionary/value-dictionary.ts'
import { createScanner } from '../../recognizers/scanner.ts'
import type { Edit, ScanView } from '../operator.ts'
import { scanEdit } from '../operators/shared/scan-edit.ts'
import { REDACT } from '../operators/redact.ts'
import type { DataClass } from './classes.ts'

/** `held`: in answers that are held; `required`: and in streamed ones, texts are masked whole. */
export type DictionaryUse = 'held' | 'required'

// A reader is made for each answer, and so the values of one answer are known in that one only.
const DICTIONARY = Symbol('dictionary')

interface Carrier extends Reader {
  readonly [DICTIONARY]?: ValueDictionary
}

/** The same reader, with a dictionary of its own. */
export function withDictionary(reader: Reader): Reader {
  const own: Carrier = { ...reader, [DICTIONARY]: new ValueDictionary() }
  return own
}

/** The dictionary of a reader, where it has one. */
export function dictionaryOf(reader: Carrier | undefined): ValueDictionary | undefined {
  return reader?.[DICTIONARY]
}

/** How the values of a location are hidden in other texts. */
export interface HiddenValue extends ValueClass {
  /** Values that are nobody's. */
  readonly isAllowed: (text: string) => boolean
}

/**
 * A program that changes nothing and adds the values of locations to the dictionary of its reader. `hiddenOf` tells how what
 * these targets cover is hidden; undefined: nothing is gathered there.
 */
export function gatheringProgram(
  targets: readonly Target[],
  hiddenOf: (targets: readonly number[]) => HiddenValue | undefined,
  limits: Limits,
): Program {
  return compileProgram({
    targets,
    scopes: [],
    counterCount: 0,
    limits,
    resolve: (covering) => {
      const hidden = hiddenOf(covering)
      return hidden === undefined ? NOTHING : { ...NOTHING, leaf: gatherEdit(hidden) }
    },
  })
}

const NOTHING: Treatment = {
  leaf: undefined,
  container: undefined,
  memberName: undefined,
  counters: [],
}

function gatherEdit({ dataClass, redact, isAllowed }: HiddenValue): Edit {
  return {
    kind: 'transform',
    apply: ({ type, text }, { reader }) => {
      const isValue = type === 'string' || type === 'number'
      if (isValue && !isAllowed(text)) dictionaryOf(reader)?.add(text, dataClass, redact)
      return { kind: 'keep' }
    },
  }
}

const NO_RECOGNIZERS = createScanner([])

export interface Elsewhere {
  readonly view: ScanView
  readonly classes: ReadonlyMap<string, DataClass>
}

/** What is done to a string that is shown: values of the dictionary are concealed in it. */
export function elsewhereEdit({ view, classes }: Elsewhere): Edit {
  const edit = scanEdit({
    scanner: NO_RECOGNIZERS,
    maskOf: (name) => classes.get(name)?.mask ?? REDACT,
    view: { ...view, countLocation: () => {} },
  })
  return {
    kind: 'transform',
    apply: (value, context) =>
      value.type === 'string' && dictionaryOf(context.reader) !== undefined
        ? edit.apply(value, context)
        : { kind: 'keep' },
  }
}
