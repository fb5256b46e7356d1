/** What the simulation is made of: agents, what they do, and who misuses it. */

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
export const DAYS = 30
/** A Monday, in UTC. */
export const START_MS = Date.UTC(2026, 5, 1)
export const CUSTOMERS = 40_000

export interface Agent {
  readonly id: string
  readonly role: 'agent' | 'billing' | 'lead'
  readonly address: string
  /** Hour of the day at which the shift begins; it is eight hours long. */
  readonly fromHour: number
  readonly ticketsPerDay: number
  readonly weekends: boolean
}

/** One request and what its answer exposes. */
export interface Look {
  readonly atMs: number
  readonly agent: Agent
  readonly address: string
  readonly session: string
  readonly route: 'user' | 'users' | 'identities' | 'export'
  /** Of a path. */
  readonly id?: number
  readonly customers: readonly number[]
  readonly classes: readonly string[]
  readonly term?: string
  readonly reveals?: boolean
}

/** One misuse: whose, of whom, and when. */
export interface Misuse {
  readonly kind: string
  readonly agents: readonly string[]
  /** The customer that it is about; undefined: many. */
  readonly customer: number | undefined
  readonly fromMs: number
  readonly toMs: number
  readonly looks: readonly Look[]
}

/** What a screen with one customer shows, by the number of the customer: not everybody has everything on file. */
export function classesOf(customer: number): readonly string[] {
  return [
    'person.name',
    'contact.email',
    ...(customer % 2 === 0 ? ['contact.phone'] : []),
    ...(customer % 10 < 3 ? ['payment.card'] : []),
    ...(customer % 10 === 7 ? ['id.national'] : []),
  ]
}

/** A look at one customer from where the agent always sits. */
export function userLook(agent: Agent, atMs: number, id: number, more: Partial<Look> = {}): Look {
  return {
    atMs,
    agent,
    address: agent.address,
    session: `${agent.id} ${Math.floor(atMs / DAY_MS)}`,
    route: 'user',
    id,
    customers: [id],
    classes: classesOf(id),
    ...more,
  }
}
