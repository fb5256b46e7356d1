/** Asks `resolve` once for each set of targets, and makes sure that what it answers can be done to bytes. */
import { strict as assert } from 'node:assert'
import type { Edit, ProgramSource, Treatment } from '../program-source.ts'
import type { Place } from './places.ts'
import { isJsonText } from '../rewriter/skip-value.ts'

/** Does nothing: what holds below a container that was edited whole. */
export const UNTOUCHED: Treatment = {
  leaf: undefined,
  container: undefined,
  memberName: undefined,
  counters: [],
}

/** The treatments of a program by covering set. */
export class TreatmentTable {
  readonly #source: ProgramSource
  readonly #bySet = new Map<string, Treatment>()

  constructor(source: ProgramSource) {
    this.#source = source
  }

  /** `targets` ascending. Throws an AssertionError where `resolve` breaks its contract. */
  of(targets: readonly number[]): Treatment {
    const key = targets.join()
    let treatment = this.#bySet.get(key)
    if (treatment === undefined) {
      treatment = this.#source.resolve(targets)
      checkTreatment(treatment, this.#source.counterCount)
      // The states of the automaton are as many as the sets or more, so one limit bounds both.
      if (this.#bySet.size >= this.#source.limits.statesMax * 3) this.#bySet.clear()
      this.#bySet.set(key, treatment)
    }
    return treatment
  }

  /** The same with the counters of a place. */
  placed(treatment: Treatment, place: Place | undefined): Treatment {
    if (treatment.countersAt === undefined) return treatment
    const counters = [...treatment.counters, ...treatment.countersAt(place?.text)]
    checkCounters(counters, this.#source.counterCount)
    return { ...treatment, counters }
  }
}

function checkCounters(counters: readonly number[], counterCount: number): void {
  for (const counter of counters) {
    assert(Number.isInteger(counter) && counter >= 0 && counter < counterCount, 'no such counter')
  }
}

function checkTreatment(treatment: Treatment, counterCount: number): void {
  checkCounters(treatment.counters, counterCount)
  const { kind } = treatment.container ?? {}
  assert(kind !== 'transform' && kind !== 'by-type', 'a container has no value to edit')
  checkConstant(treatment.leaf)
  checkConstant(treatment.container)
}

function checkConstant(edit: Edit | undefined): void {
  if (edit?.kind === 'constant') assert(isJsonText(edit.json), 'a constant that is no JSON')
  if (edit?.kind !== 'by-type') return
  for (const json of [edit.string, edit.number, edit.boolean]) {
    assert(isJsonText(json), 'a constant that is no JSON')
  }
}
