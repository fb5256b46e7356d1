/** The part of the policy document on who looks too much, as the schema lets it pass. */
import type { DetectionOwner, PlainAction, RequestEffect } from '../detect/detection-rule.ts'

/** A rule on look-ups. */
export interface DetectDocument {
  readonly name: string
  readonly per?: DetectionOwner
  readonly classes?: readonly string[]
  readonly routes?: readonly string[]
  readonly effect?: readonly RequestEffect[]
  readonly purpose?: readonly string[]
  readonly outside?: {
    readonly days?: readonly string[]
    readonly from: string
    readonly to: string
    readonly timeZone?: string
  }
  readonly count: {
    readonly distinct?: 'dataSubject' | 'searchTerm' | 'agent'
    readonly sum?: 'requests' | 'locations'
    readonly run?: 'ids'
    readonly first?: 'class'
    readonly traps?: Readonly<Record<string, readonly string[]>>
    readonly over?: number
    readonly within?: string
    readonly after?: string
    readonly baseline?: {
      readonly over: number
      readonly days?: number
      readonly agentDays?: number
      readonly floor?: number
      readonly on?: number
      readonly of?: number
      readonly timeZone?: string
    }
  }
  readonly rearm?: number
  readonly cooldown?: string
  readonly whenUnknown?: 'refuse' | 'flag'
  readonly for?: string
  readonly then: readonly (
    | PlainAction
    | { readonly stepUp: string }
    | { readonly throttle: string }
  )[]
}
