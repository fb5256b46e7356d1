/**
 * Makes the sample data of the demo and the sample answers of the shipped policy: `node
 * demo/generate.ts` writes them. Everything is made up, and the same bytes come out each time.
 */
import { writeFile } from 'node:fs/promises'
import { seededRandom } from './random.ts'
import { makeFixtures } from './records/fixtures.ts'
import { makeOrganizations } from './records/organizations.ts'
import { SPELLINGS, sourceText } from './records/source-text.ts'
import { makeTickets } from './records/tickets.ts'
import { makePeople } from './records/users.ts'
import { uniqueValues } from './records/values.ts'

export interface Generated {
  /** Path from the project's root to text. */
  readonly files: ReadonlyMap<string, string>
  /** Every card number in the data, digits only. */
  readonly cards: ReadonlySet<string>
  /** Every order number: 16 digits that are no card number. */
  readonly orderNumbers: ReadonlySet<string>
}

const SEED = 20_260_101

/** All files, as they are in the repository. */
export function generate(): Generated {
  const random = seededRandom(SEED)
  const values = uniqueValues(random)
  const organizations = makeOrganizations(random, values)
  const people = makePeople({ random, values, organizations })
  const tickets = makeTickets({ random, values, people })
  const fixtures = makeFixtures({ people, tickets, organizations })
  const files = new Map([
    ['demo/data/organizations.json', listText('organizations', records(organizations))],
    ['demo/data/users.json', listText('users', records(people))],
    [
      'demo/data/identities.json',
      groupsText(people.map((person) => [person.id, person.identities])),
    ],
    ['demo/data/tickets.json', listText('tickets', records(tickets))],
    ['demo/data/comments.json', groupsText(tickets.map((ticket) => [ticket.id, ticket.comments]))],
    ...[...fixtures].map(([name, text]) => [`config/fixtures/${name}`, text] as const),
  ])
  return { files, cards: values.cards, orderNumbers: values.orderNumbers }
}

function records(items: readonly { readonly record: object }[]): readonly object[] {
  return items.map((item) => item.record)
}

function spelled(items: readonly object[], offset: number): readonly string[] {
  return items.map((item, index) => {
    const spelling = SPELLINGS[(offset + index) % SPELLINGS.length]
    return spelling === undefined ? JSON.stringify(item) : sourceText(item, spelling)
  })
}

function listText(name: string, items: readonly object[]): string {
  return `{"${name}":[\n${spelled(items, 0).join(',\n')}\n]}\n`
}

function groupsText(groups: readonly (readonly [id: string, items: readonly object[]])[]): string {
  const lines = groups.map(
    ([id, items], index) => `"${id}":[\n${spelled(items, index).join(',\n')}\n]`,
  )
  return `{\n${lines.join(',\n')}\n}\n`
}

if (import.meta.main) {
  for (const [path, text] of generate().files) {
    await writeFile(new URL(`../${path}`, import.meta.url), text)
  }
}
