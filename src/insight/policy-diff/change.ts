/** What a change of policy does, one line each. Names of the policy only: values of its keys are told where they are no secrets. */

/**
 * `looser`: somebody sees, may do, or is watched less than before. `unclear`: that cannot be told, and counts as looser.
 * `stricter`: the other way. `neutral`: neither.
 */
export type Direction = 'looser' | 'unclear' | 'stricter' | 'neutral'

export interface PolicyChange {
  readonly direction: Direction
  /** `visible`, `masked`: at a place; `allowed`, `refused`: a route; `rule`: a key of the policy. */
  readonly what: 'visible' | 'masked' | 'allowed' | 'refused' | 'rule'
  readonly role?: string | undefined
  readonly route?: string | undefined
  /** The query that covers the place, or a path to it where none does. */
  readonly at?: string | undefined
  readonly class?: string | undefined
  /** Steps of a key: `roles.lead.reveal.payment.card.budget`. */
  readonly key?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Whether it counts as a loosening: what cannot be told does. */
export function isLoosening({ direction }: PolicyChange): boolean {
  return direction === 'looser' || direction === 'unclear'
}
