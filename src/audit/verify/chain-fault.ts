/** What can be wrong with a chain, in words and as data. */

/**
 * `altered`: it is not what was written. `missing`: it is not there. `truncated`: the end of a chain is not there.
 * `reordered`: it stands in another place. `repeated`: it stands there twice. `forged`: its signature is not by a known key.
 */
export type FaultKind = 'altered' | 'missing' | 'truncated' | 'reordered' | 'repeated' | 'forged'

export interface ChainFault {
  readonly kind: FaultKind
  /** Undefined where not even that can be told. */
  readonly writer: string | undefined
  /** The first record that is concerned. */
  readonly sequence: number | undefined
  /** The last one of several. */
  readonly to?: number | undefined
  /** Where in the store it stands, where it does. */
  readonly position?: string | undefined
  /** What was seen, one sentence. */
  readonly detail: string
}

/** Collects faults, bounded: a store that was emptied has millions. */
export class ChainFaults {
  readonly #list: ChainFault[] = []
  #count = 0

  add(fault: ChainFault): void {
    this.#count += 1
    if (this.#list.length < FAULTS_KEPT_MAX) this.#list.push(fault)
  }

  get list(): readonly ChainFault[] {
    return this.#list
  }

  get count(): number {
    return this.#count
  }
}

const FAULTS_KEPT_MAX = 1_000
