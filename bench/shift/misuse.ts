/** Twelve kinds of misuse, each with parameters drawn at random. */
import { CUSTOMERS, DAY_MS, DAYS, HOUR_MS, START_MS, userLook } from './look.ts'
import type { Agent, Look, Misuse } from './look.ts'
import type { Random } from './random.ts'
import { exported, page, searched } from './work.ts'

interface Scene {
  readonly random: Random
  readonly team: readonly Agent[]
  /** Who does it; of a celebrity the first of many. */
  readonly culprit: Agent
  /** Midnight of its first day: a working day, late enough for there to be a past. */
  readonly dayMs: number
}

type Kind = readonly [name: string, make: (scene: Scene) => Pick<Misuse, 'looks'> & Partial<Misuse>]

const KINDS: readonly Kind[] = [
  ['burst', burst],
  ['slow', slow],
  ['spread over addresses and tokens', spread],
  ['bulk pages', bulkPages],
  ['one record by many names', oneRecord],
  ['celebrity', celebrity],
  ['at night', atNight],
  ['ids in a row', idsInRow],
  ['enumerating addresses', enumerate],
  ['reveals', reveals],
  ['exports', exports],
  ['a class for the first time', firstLook],
]

/** Their names, in the order of the table. */
export const KIND_NAMES: readonly string[] = KINDS.map(([name]) => name)

/** One misuse of each kind, each by somebody else. */
export function misuses(team: readonly Agent[], random: Random): readonly Misuse[] {
  const free = team.filter(({ role }) => role === 'agent')
  return KINDS.map(([kind, make]) => {
    const index = random.between(0, free.length - 1)
    const [culprit] = free.splice(index, 1)
    if (culprit === undefined) throw new RangeError('there are too few agents')
    const weekday = random.between(8, DAYS - 1)
    const dayMs = START_MS + (weekday - Math.max(0, (weekday % 7) - 4)) * DAY_MS
    const made = make({ random, team, culprit, dayMs })
    const times = made.looks.map(({ atMs }) => atMs)
    return {
      kind,
      agents: [culprit.id],
      customer: undefined,
      fromMs: Math.min(...times),
      toMs: Math.max(...times),
      ...made,
    }
  })
}

const anyone = ({ random }: Scene) => random.between(1, CUSTOMERS)

function within({ culprit, dayMs, random }: Scene, hours: number): number {
  return dayMs + (culprit.fromHour + random.next() * Math.max(0.1, 8 - hours)) * HOUR_MS
}

function spaced(count: number, fromMs: number, hours: number, make: (atMs: number) => Look) {
  return Array.from({ length: count }, (_, n) => make(fromMs + (n / count) * hours * HOUR_MS))
}

function burst(scene: Scene) {
  const hours = 0.2 + scene.random.next() * 0.6
  const count = scene.random.between(35, 120)
  const fromMs = within(scene, hours)
  return { looks: spaced(count, fromMs, hours, (at) => userLook(scene.culprit, at, anyone(scene))) }
}

function slow(scene: Scene) {
  const looks: Look[] = []
  const perDay = scene.random.between(30, 80)
  // Early enough for there to be time for it.
  const first = START_MS + scene.random.between(0, 8) * DAY_MS
  const days = scene.random.between(10, 20)
  for (let day = 0; day < days; day += 1) {
    const dayMs = first + day * DAY_MS
    if (((dayMs - START_MS) / DAY_MS) % 7 > 4) continue
    const fromMs = dayMs + scene.culprit.fromHour * HOUR_MS
    looks.push(...spaced(perDay, fromMs, 8, (at) => userLook(scene.culprit, at, anyone(scene))))
  }
  return { looks }
}

function spread(scene: Scene) {
  const { random, culprit } = scene
  const hours = 0.5 + random.next() * 0.5
  const count = random.between(40, 120)
  const looks = spaced(count, within(scene, hours), hours, (at) => {
    const place = random.between(1, 20)
    const session = `token ${random.between(1, 5)}`
    return userLook(culprit, at, anyone(scene), { address: `192.0.2.${place}`, session })
  })
  return { looks }
}

function bulkPages(scene: Scene) {
  const pages = scene.random.between(4, 50)
  const hours = 0.2 + scene.random.next() * 5
  const first = scene.random.between(1, CUSTOMERS / 2)
  let n = 0
  return {
    looks: spaced(pages, within(scene, hours), hours, (at) => {
      n += 1
      return page(scene.culprit, at, first + n * 100, 100)
    }),
  }
}

function oneRecord(scene: Scene) {
  const customer = anyone(scene)
  const count = scene.random.between(14, 60)
  const looks = spaced(count, within(scene, 6), 6, (at) => {
    const route = scene.random.pick(['user', 'identities'] as const)
    return userLook(scene.culprit, at, customer, { route })
  })
  return { looks, customer }
}

function celebrity(scene: Scene) {
  const { random, team, dayMs } = scene
  const customer = anyone(scene)
  const curious = [...team].toSorted(() => random.next() - 0.5).slice(0, random.between(7, 30))
  const looks = curious.map((agent) => {
    const day = dayMs + random.between(0, 1) * DAY_MS
    return userLook(agent, day + (agent.fromHour + random.next() * 8) * HOUR_MS, customer)
  })
  return { looks, customer, agents: [] }
}

function atNight(scene: Scene) {
  const fromMs = scene.dayMs + (22 + scene.random.next() * 3) * HOUR_MS
  const hours = 0.5 + scene.random.next() * 3
  const count = scene.random.between(6, 40)
  return { looks: spaced(count, fromMs, hours, (at) => userLook(scene.culprit, at, anyone(scene))) }
}

function idsInRow(scene: Scene) {
  const { random, culprit } = scene
  const step = random.pick([1, 1, 1, 2, -1])
  let id = random.between(1_000, CUSTOMERS - 1_000)
  const count = random.between(8, 44)
  const looks = spaced(count, within(scene, 1), count / random.between(60, 400), (at) => {
    // Some are left out.
    id += step * (random.chance(0.05) ? 2 : 1)
    return userLook(culprit, at, id)
  })
  return { looks }
}

function enumerate(scene: Scene) {
  const hours = 0.3 + scene.random.next() * 3
  const count = scene.random.between(25, 200)
  let n = 0
  return {
    looks: spaced(count, within(scene, hours), hours, (at) => {
      n += 1
      return searched(scene.culprit, at, `guess ${n}`, [])
    }),
  }
}

function reveals(scene: Scene) {
  const count = scene.random.between(8, 40)
  const looks = spaced(count, within(scene, 6), 6, (at) =>
    userLook(scene.culprit, at, anyone(scene), { reveals: true }),
  )
  return { looks }
}

function exports(scene: Scene) {
  const { random, culprit } = scene
  const count = random.between(1, 5)
  const size = random.between(200, 3_000)
  return { looks: spaced(count, within(scene, 4), 4, (at) => exported(culprit, at, size, random)) }
}

function firstLook(scene: Scene) {
  const count = scene.random.between(3, 20)
  const classes = ['person.name', 'payment.iban']
  const looks = spaced(count, within(scene, 4), 4, (at) =>
    userLook(scene.culprit, at, anyone(scene), { classes }),
  )
  return { looks }
}
