/**
 * The sample answers that the shipped policy is checked against: one for each route, taken from the
 * sample data, every member filled.
 */
import type { Organization } from './organizations.ts'
import { STORED_ORIGIN } from './source-text.ts'
import type { Ticket } from './tickets.ts'
import { COMPLETE_COUNT, type Person } from './users.ts'

interface Sample {
  readonly people: readonly Person[]
  readonly tickets: readonly Ticket[]
  readonly organizations: readonly Organization[]
}

/** File name to indented JSON text. */
export function makeFixtures({
  people,
  tickets,
  organizations,
}: Sample): ReadonlyMap<string, string> {
  const [person] = people
  const [ticket] = tickets
  const [organization] = organizations
  const answers = new Map<string, object | undefined>([
    ['ticket.json', { ticket: ticket?.record }],
    ['tickets.json', firstOf('tickets', tickets)],
    ['comments.json', whole('comments', ticket?.comments ?? [])],
    ['user.json', { user: person?.record }],
    ['users.json', firstOf('users', people)],
    ['identities.json', whole('identities', person?.identities ?? [])],
    ['organization.json', { organization: organization?.record }],
  ])
  return new Map(
    [...answers].map(([name, answer]) => [name, `${JSON.stringify(answer, null, 2)}\n`] as const),
  )
}

function firstOf(name: string, items: readonly { readonly record: object }[]): object {
  return {
    [name]: items.slice(0, COMPLETE_COUNT).map((item) => item.record),
    next_page: `${STORED_ORIGIN}/api/v2/${name}?page=2&per_page=${COMPLETE_COUNT}`,
    previous_page: null,
    count: items.length,
  }
}

function whole(name: string, items: readonly object[]): object {
  return { [name]: items, next_page: null, previous_page: null, count: items.length }
}
