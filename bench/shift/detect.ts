/** Lets the gateway's own counting look at a shift: its rules, its windows, its counter in memory, by the time of the shift. */
import type { Clock } from '../../src/core/clock.ts'
import { createMemoryLookupCounter } from '../../src/detection/memory-lookup-counter.ts'
import type { Exchange } from '../../src/proxy/exchange.ts'
import { addLookups, askLookups } from '../../src/proxy/lookups.ts'
import { RefusedError } from '../../src/proxy/refused.ts'
import type { Services } from '../../src/proxy/services.ts'
import type { DetectionRule } from '../../src/rules/detect/detection-rule.ts'
import type { Look } from './look.ts'

export interface Finding {
  readonly rule: DetectionRule
  /** Who made the request that passed the threshold. */
  readonly agent: string
  /** As the finding names the owner of the window; undefined: the agent. */
  readonly owner: string | undefined
  readonly atMs: number
}

/** The findings of these looks, which are in the order of their times. */
export async function findingsOf(
  looks: readonly Look[],
  rules: readonly DetectionRule[],
): Promise<readonly Finding[]> {
  let nowMs = 0
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const services = servicesOf(rules, clock)
  const findings: Finding[] = []
  for (const [index, look] of looks.entries()) {
    nowMs = look.atMs
    const exchange = exchangeOf(look, index)
    try {
      await askLookups(exchange, services)
      await addLookups(exchange, services)
    } catch (error) {
      // What a rule refuses is found, and asked for again all the same.
      if (!(error instanceof RefusedError)) throw error
    }
    for (const { rule, owner } of exchange.crossings)
      findings.push({ rule, agent: look.agent.id, owner: owner?.label, atMs: look.atMs })
  }
  return findings
}

/** The pseudonym of a customer here. */
export function pseudonymOf(customer: number): string {
  return `v1:data-subject:user ${customer}`
}

function servicesOf(rules: readonly DetectionRule[], clock: Clock): Services {
  let serial = 0
  const services: Partial<Services> = {
    counter: createMemoryLookupCounter({ clock }),
    clock,
    ids: () => String((serial += 1)),
    auditPseudonymizer: { version: 1, pseudonym: (domain, value) => `${domain} ${value}` },
    unknownRules: { isDue: () => true },
  }
  // Only what counting works with.
  return { ...services, policy: { lookups: rules } } as unknown as Services
}

/** Routes of the simulation, as records name them. */
export const TEMPLATES = {
  user: 'GET /users/{id:integer}',
  users: 'GET /users',
  identities: 'GET /users/{id:integer}/identities',
  export: 'GET /users.csv',
} as const

function exchangeOf(look: Look, index: number): Exchange {
  const { agent, route, id, customers, classes, term, reveals, atMs } = look
  const kinds = new Set(classes)
  const exposures = classes.map((name) => ({ class: name, shown: 1, masked: 0, revealed: 0 }))
  const exchange = {
    requestId: `request ${index}`,
    address: look.address,
    claimedAddress: undefined,
    timeMs: atMs,
    startedMs: atMs,
    subject: { issuer: 'issuer', id: agent.id, session: look.session, assurance: new Set() },
    roles: [agent.role],
    purpose: undefined,
    match: {
      route: {
        template: { text: TEMPLATES[route], segments: [] },
        effect: 'read',
        format: { kind: route === 'export' ? 'csv' : 'json' },
        classes: kinds,
        dataSubjects: id === undefined ? [] : [{ kind: 'user', pathParameter: 'id' }],
        requestedSubject: undefined,
      },
      parameters: new Map(id === undefined ? [] : [['id', String(id)]]),
    },
    masking: { exposable: kinds },
    maskedFor: [agent.role],
    reveal: reveals === true ? { request: { classes: [], reason: { code: 'refund' } } } : undefined,
    searches: term !== undefined,
    terms: term === undefined ? [] : [{ class: 'contact.email', pseudonym: `v1:${term}` }],
    report: {
      classes: exposures,
      dataSubjects: customers.map((customer) => ({
        kind: 'user',
        id: String(customer),
        classes: exposures,
        exposed: classes,
      })),
      truncated: false,
    },
    heldLookups: [],
    crossings: [],
    lookupsUnknown: false,
    storeWaitMs: 0,
  }
  return exchange as unknown as Exchange
}
