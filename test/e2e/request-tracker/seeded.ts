/** What the tracker knows of all its made-up customers, by the class that the policy gives it. */
import type { RequestTracker } from '../../helpers/request-tracker.ts'

/** Values by class. */
export type SeededValues = ReadonlyMap<string, ReadonlySet<string>>

type Item = Readonly<Record<string, unknown>> & {
  readonly CustomFields: readonly { readonly name: string; readonly values: readonly string[] }[]
}

interface Page {
  readonly items: readonly Item[]
  readonly next_page?: string
}

const FIELDS: Readonly<Record<string, string>> = {
  Name: 'person.login',
  RealName: 'person.name',
  EmailAddress: 'contact.email',
  MobilePhone: 'contact.phone',
  HomePhone: 'contact.phone',
  WorkPhone: 'contact.phone',
  Address1: 'contact.address',
  Comments: 'text.note',
  Subject: 'text.conversation',
  'Customer DNI': 'id.national',
  'National ID': 'id.national',
  'Customer IBAN': 'payment.iban',
  'Bank account': 'payment.iban',
  'Payment card': 'payment.card',
}
const PAGES_MAX = 10
/** Shorter ones stand in other words by chance. */
const CHARACTERS_MIN = 8

/** Reads them through the tracker's own interface. */
export async function seededValues(tracker: RequestTracker): Promise<SeededValues> {
  const values = new Map<string, Set<string>>()
  const keep = (field: string, value: unknown) => {
    const dataClass = FIELDS[field]
    if (dataClass === undefined || typeof value !== 'string' || value.length < CHARACTERS_MIN)
      return
    values.set(dataClass, (values.get(dataClass) ?? new Set()).add(value))
  }
  const fields = 'Name,RealName,EmailAddress,MobilePhone,HomePhone,WorkPhone,Address1,Comments'
  const everybody = [{ field: 'EmailAddress', operator: 'LIKE', value: '@' }]
  const items = await Promise.all([
    all(tracker, 'POST', `/users?fields=${fields},CustomFields`, everybody),
    all(tracker, 'GET', '/tickets?query=id>0&fields=Subject,CustomFields'),
  ])
  for (const { CustomFields: custom, ...item } of items.flat()) {
    for (const [field, value] of Object.entries(item)) keep(field, value)
    for (const { name, values: some } of custom) for (const value of some) keep(name, value)
  }
  return values
}

/** Those that a role must not get: of classes that it does not see, and not also part of what it sees. */
export function hiddenValues(values: SeededValues, sees: readonly string[]): readonly string[] {
  const seen = sees.flatMap((name) => [...(values.get(name) ?? [])]).join('\n')
  return [...values]
    .filter(([name]) => !sees.includes(name))
    .flatMap(([, hidden]) => [...hidden])
    .filter((value) => !seen.includes(value))
}

async function all(
  { ask }: RequestTracker,
  method: string,
  path: string,
  body?: unknown,
): Promise<readonly Item[]> {
  const items: Item[] = []
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const { items: more, next_page: next } = (await ask(
      method,
      `${path}&per_page=100&page=${page}`,
      body,
    )) as Page
    items.push(...more)
    if (next === undefined) return items
  }
  throw new Error(`${path} has more than ${PAGES_MAX} pages`)
}
