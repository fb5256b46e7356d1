/** Honest work: shifts, tickets, searches, lists, reveals, heavy days, incidents, and now and then an evening. */
import { CUSTOMERS, DAY_MS, DAYS, HOUR_MS, START_MS, userLook } from './look.ts'
import type { Agent, Look } from './look.ts'
import type { Random } from './random.ts'

const AGENTS = 60
const OFFICE = '198.51.100.7'

/** The team. Two of five sit in one office behind one address. */
export function createTeam(random: Random): readonly Agent[] {
  return Array.from({ length: AGENTS }, (_, i) => ({
    id: `agent-${i + 1}`,
    role: i < 4 ? 'lead' : i < 12 ? 'billing' : 'agent',
    address: random.chance(0.4) ? OFFICE : `203.0.113.${i + 1}`,
    fromHour: random.pick([7, 8, 8, 9, 9, 12]),
    ticketsPerDay: Math.max(20, random.around(42, 6)),
    weekends: random.chance(0.15),
  }))
}

export interface Work {
  readonly looks: readonly Look[]
  /** Days on which somebody worked, of all agents together. */
  readonly agentDays: number
}

/** What the team does in the thirty days. */
export function honestWork(team: readonly Agent[], random: Random): Work {
  const looks: Look[] = []
  let agentDays = 0
  for (let day = 0; day < DAYS; day += 1) {
    const dayMs = START_MS + day * DAY_MS
    const today: number[] = []
    for (const agent of team) {
      if (!isWorking(agent, day, random)) continue
      agentDays += 1
      workDay(agent, dayMs, { looks, today, day }, random)
    }
    if (random.chance(0.05)) incident(team, dayMs, looks, random)
  }
  return { looks, agentDays }
}

function isWorking({ weekends }: Agent, day: number, random: Random): boolean {
  const weekday = day % 7
  if (weekday > 4) return weekends && weekday === 5
  return random.chance(0.94)
}

interface Day {
  readonly looks: Look[]
  /** Customers of the whole team today, each as often as it wrote for the first time. */
  readonly today: number[]
  readonly day: number
}

function workDay(agent: Agent, dayMs: number, { looks, today, day }: Day, random: Random): void {
  const heavy = random.chance(0.03) ? 1.8 : 1
  const tickets = Math.max(8, Math.round(random.around(agent.ticketsPerDay, 7) * heavy))
  for (let n = 0; n < tickets; n += 1) {
    const customer = customerOf(today, day, random)
    ticket(agent, momentOf(agent, dayMs, random), customer, looks, random)
  }
  const pages = agent.role === 'lead' ? random.between(2, 6) : random.between(0, 3)
  for (let n = 0; n < pages; n += 1)
    looks.push(page(agent, momentOf(agent, dayMs, random), random.between(1, CUSTOMERS), 25))
  if (agent.role === 'lead' && random.chance(0.05))
    looks.push(exported(agent, momentOf(agent, dayMs, random), random.between(50, 150), random))
  if (random.chance(0.02)) {
    const evening = dayMs + (21 + random.next() * 2) * HOUR_MS
    for (let n = random.between(1, 3); n > 0; n -= 1)
      looks.push(userLook(agent, evening + n * 60_000, random.between(1, CUSTOMERS)))
  }
}

function ticket(agent: Agent, atMs: number, customer: number, looks: Look[], random: Random): void {
  if (random.chance(0.25))
    looks.push(searched(agent, atMs - 20_000, `customer ${customer}`, [customer]))
  for (let n = random.pick([1, 1, 1, 2, 3]); n > 0; n -= 1)
    looks.push(userLook(agent, atMs + n * random.between(20_000, 120_000), customer))
  const sees = agent.role === 'billing' && random.chance(0.2)
  if (sees)
    looks.push(
      userLook(agent, atMs + 60_000, customer, { classes: ['person.name', 'payment.iban'] }),
    )
  if (agent.role !== 'agent' && random.chance(0.04))
    looks.push(userLook(agent, atMs + 90_000, customer, { reveals: true }))
}

// Most write once; some again on the same day; some have just become customers.
function customerOf(today: number[], day: number, random: Random): number {
  if (today.length > 0 && random.chance(0.15)) return random.pick(today)
  const fresh = random.chance(0.05)
    ? CUSTOMERS + day * 150 + random.between(0, 300)
    : random.between(1, CUSTOMERS)
  today.push(fresh)
  return fresh
}

function momentOf({ fromHour }: Agent, dayMs: number, random: Random): number {
  const hours = random.next() * 8
  // Nobody is there for half an hour in the middle.
  return dayMs + (fromHour + hours + (hours > 4 ? 0.5 : 0)) * HOUR_MS
}

// A customer whose trouble half the floor looks into.
function incident(team: readonly Agent[], dayMs: number, looks: Look[], random: Random): void {
  const customer = random.between(1, CUSTOMERS)
  for (let n = random.between(3, 6); n > 0; n -= 1) {
    const agent = random.pick(team)
    for (let times = random.between(1, 2); times > 0; times -= 1)
      looks.push(userLook(agent, momentOf(agent, dayMs, random), customer))
  }
}

/** A page of a list: names only. */
export function page(agent: Agent, atMs: number, first: number, size: number): Look {
  const customers = Array.from({ length: size }, (_, i) => first + i)
  const { id: _id, ...rest } = userLook(agent, atMs, first)
  return { ...rest, route: 'users', customers, classes: ['person.name'] }
}

/** A file of customers. */
export function exported(agent: Agent, atMs: number, size: number, random: Random): Look {
  const customers = Array.from({ length: size }, () => random.between(1, CUSTOMERS))
  const { id: _id, ...rest } = userLook(agent, atMs, 1)
  return { ...rest, route: 'export', customers, classes: ['person.name'] }
}

/** A search by one whole value. */
export function searched(
  agent: Agent,
  atMs: number,
  term: string,
  customers: readonly number[],
): Look {
  const { id: _id, ...rest } = userLook(agent, atMs, 1)
  return { ...rest, route: 'users', customers, classes: ['person.name', 'contact.email'], term }
}
