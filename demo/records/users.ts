/**
 * The people of the sample helpdesk, end users and agents, and their identities, in Zendesk's
 * shape.
 */
import type { Random } from '../random.ts'
import { PEOPLE, type People } from './names.ts'
import type { Organization } from './organizations.ts'
import { fill, NOTES } from './phrases.ts'
import { instant, NEW_YEAR_SECONDS, number, STORED_ORIGIN } from './source-text.ts'
import type { Values } from './values.ts'

export interface Person {
  readonly id: string
  readonly agent: boolean
  readonly people: People
  readonly name: string
  readonly email: string
  /** A second address, at home. */
  readonly email2: string
  /** E.164. */
  readonly phone: string
  readonly nationalId: string
  readonly card: string | null
  /** The network address that the person writes from. */
  readonly address: string
  readonly record: object
  readonly identities: readonly object[]
}

/** People whose records have every member filled; the sample answers of the policy show them. */
export const COMPLETE_COUNT = 3
const AGENT_COUNT = 12
const DAY_SECONDS = 86_400

/** Two ids that are one and the same once they pass through a double (2^53 and 2^53 + 1). */
const TWIN_IDS = ['9007199254740993', '9007199254740992'] as const

interface Sources {
  readonly random: Random
  readonly values: Values
  readonly organizations: readonly Organization[]
}

type Identified = Omit<Person, 'record' | 'identities'>

/** Everybody, each with a name of their own; the last ones are the agents. */
export function makePeople(sources: Sources): readonly Person[] {
  const names = new Set<string>()
  const endUsers = PEOPLE.flatMap((people) => Array.from({ length: people.count }, () => people))
  const agents = Array.from({ length: AGENT_COUNT }, () => sources.random.pick(PEOPLE))
  return [...endUsers, ...agents].map((people, index) => {
    const agent = index >= endUsers.length
    const person = identify({ ...sources, people, names }, { index, agent })
    const createdSeconds = NEW_YEAR_SECONDS - DAY_SECONDS * (30 + sources.random.below(900))
    return {
      ...person,
      record: userRecord(sources, person, { index, createdSeconds }),
      identities: identityRecords(sources, person, {
        withPhone: index < COMPLETE_COUNT || index % 20 === 0,
        createdSeconds,
      }),
    }
  })
}

function identify(
  sources: Sources & { readonly people: People; readonly names: Set<string> },
  { index, agent }: { readonly index: number; readonly agent: boolean },
): Identified {
  const { random, values, people, names } = sources
  const { name, local } = newName(random, people, names)
  return {
    id: TWIN_IDS[index] ?? values.id(index % 5 === 2),
    agent,
    people,
    name,
    email: values.email(local),
    email2: values.email(`${local.slice(0, 1)}${local.split('.')[1]}${1950 + random.below(55)}`),
    phone: values.phone(people.phone),
    nationalId: values.nationalId(people.nationalId),
    card: !agent && (index < COMPLETE_COUNT || random.chance(70)) ? values.card() : null,
    address: values.address(),
  }
}

function newName(
  random: Random,
  people: People,
  names: Set<string>,
): { readonly name: string; readonly local: string } {
  const pairs = people.given.flatMap((given) =>
    people.family.map((family) => [given, family] as const),
  )
  const free = pairs.filter(([given, family]) => !names.has(`${given[0]} ${family[0]}`))
  const [given, family] = random.pick(free)
  names.add(`${given[0]} ${family[0]}`)
  return {
    name: people.familyFirst ? `${family[0]} ${given[0]}` : `${given[0]} ${family[0]}`,
    local: `${given[1]}.${family[1]}`,
  }
}

function userRecord(
  { random, values, organizations }: Sources,
  person: Identified,
  { index, createdSeconds }: { readonly index: number; readonly createdSeconds: number },
): object {
  const complete = index < COMPLETE_COUNT
  const belongs = complete || random.chance(60)
  const noted = complete || random.chance(40)
  return {
    id: number(person.id),
    url: `${STORED_ORIGIN}/api/v2/users/${person.id}`,
    name: person.name,
    email: person.email,
    phone: complete || random.chance(85) ? person.phone : null,
    role: person.agent ? 'agent' : 'end-user',
    locale: person.people.locale,
    time_zone: person.people.timeZone,
    organization_id: belongs ? number(random.pick(organizations).id) : null,
    external_id: `crm-${100_000 + index}`,
    notes: noted ? note(random, values, person) : '',
    details: complete || random.chance(20) ? `Also known as ${person.email2}` : '',
    tags: complete
      ? ['vip', 'beta']
      : random.pick([[], ['vip'], ['newsletter', 'beta'], ['returns']]),
    photo: null,
    user_fields: {
      national_id: person.agent ? null : person.nationalId,
      card_on_file: person.card,
      customer_tier: person.agent ? null : random.pick(['standard', 'silver', 'gold']),
      date_of_birth: person.agent ? null : values.birthDate(),
    },
    created_at: instant(createdSeconds),
    updated_at: instant(createdSeconds + random.below(DAY_SECONDS * 20)),
    last_login_at:
      complete || random.chance(80)
        ? instant(NEW_YEAR_SECONDS + random.below(DAY_SECONDS * 60))
        : null,
  }
}

function note(random: Random, values: Values, person: Identified): string {
  return fill(random.pick(NOTES), {
    email2: () => person.email2,
    phone: () => person.phone,
    nid: () => person.nationalId,
    order: () => values.orderNumber(),
    date: () => instant(NEW_YEAR_SECONDS - DAY_SECONDS * random.below(300)).slice(0, 10),
  })
}

function identityRecords(
  { random, values }: Sources,
  person: Identified,
  { withPhone, createdSeconds }: { readonly withPhone: boolean; readonly createdSeconds: number },
): readonly object[] {
  const kinds = [['email', person.email] as const, ['phone_number', person.phone] as const]
  return kinds.slice(0, withPhone ? 2 : 1).map(([type, value], index) => {
    const id = values.id(random.chance(20))
    return {
      id: number(id),
      url: `${STORED_ORIGIN}/api/v2/users/${person.id}/identities/${id}`,
      user_id: number(person.id),
      type,
      value,
      verified: random.chance(90),
      primary: index === 0,
      created_at: instant(createdSeconds),
      updated_at: instant(createdSeconds + 60),
    }
  })
}
