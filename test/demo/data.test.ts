/** The sample data: the same bytes each time, made-up values only, each of them once. */
import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import { generate } from '../../demo/generate.ts'
import { STORED_ORIGIN } from '../../demo/records/source-text.ts'
import { elementsOf, membersOf } from '../../demo/slices.ts'

const root = new URL('../../', import.meta.url)
const generated = generate()
const texts = [...generated.files]
  .filter(([path]) => path.startsWith('demo/'))
  .map(([, text]) => text)
const all = texts.join('\n')

/**
 * The text without escapes of letters and slashes; ids keep their digits, which they would not by
 * way of JSON.parse.
 */
const decoded = all
  .replaceAll(/\\u([0-9a-f]{4})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  .replaceAll(String.raw`\/`, '/')

interface User {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly phone: string | null
  readonly role: string
  readonly external_id: string
  readonly user_fields: Readonly<Record<string, string | null>>
}

interface Ticket {
  readonly requester_id: number
  readonly custom_fields: readonly { readonly id: number; readonly value: unknown }[]
}

/** Luhn over two running sums, written apart from the generator's. */
function isCard(digits: string): boolean {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, place) => total + (place % 2 ? (doubled[+digit] ?? 0) : +digit), 0)
  return sum % 10 === 0
}

function textOf(path: string): string {
  const text = generated.files.get(path)
  if (text === undefined) throw new RangeError(path)
  return text
}

function storedText(name: string): string {
  return textOf(`demo/data/${name}.json`)
}

function fixtureOf(name: string): Record<string, unknown> {
  return JSON.parse(textOf(`config/fixtures/${name}.json`)) as Record<string, unknown>
}

function idsOf(name: string): readonly (string | undefined)[] {
  const records = elementsOf(membersOf(storedText(name)).get(name) ?? '')
  return records.map((record) => membersOf(record).get('id'))
}

const { users } = JSON.parse(storedText('users')) as { readonly users: readonly User[] }
const { tickets } = JSON.parse(storedText('tickets')) as { readonly tickets: readonly Ticket[] }
const comments = Object.values(
  JSON.parse(storedText('comments')) as Record<string, readonly { readonly body: string }[]>,
).flat()

function fieldValues(id: number): readonly unknown[] {
  return tickets.map((ticket) => ticket.custom_fields.find((field) => field.id === id)?.value)
}

test('generate() gives the same bytes as are in the repository', async (t) => {
  t.equal(generated.files.size, 12)
  for (const [path, text] of generated.files) {
    t.ok((await readFile(new URL(path, root), 'utf8')) === text, `${path} is as generated`)
  }
  t.same(generate().files, generated.files, 'a second run is equal')
})

test('the sample has the size that was meant', (t) => {
  t.equal(users.length, 300)
  t.equal(tickets.length, 300)
  const count = comments.length
  t.ok(count > 800 && count < 1_000, `${count} comments`)
  t.ok(Buffer.byteLength(all) < 1_100_000, `${Buffer.byteLength(all)} bytes`)
  t.end()
})

test('every card number passes Luhn and every order number fails it', (t) => {
  const cards = [
    ...users.map((user) => user.user_fields['card_on_file']),
    ...fieldValues(360_001),
  ].filter((card) => typeof card === 'string')
  t.ok(cards.length > 200, `${cards.length} cards in fields`)
  t.same(
    cards.filter((card) => !isCard(card) || !generated.cards.has(card)),
    [],
  )
  const orders = fieldValues(360_004)
  t.equal(orders.length, 300)
  t.same(
    orders.filter((order) => !/^\d{16}$/.test(String(order)) || isCard(String(order))),
    [],
  )
  t.ok(generated.orderNumbers.isDisjointFrom(generated.cards))
  t.end()
})

test('nothing in the data looks like a card number but the card numbers', (t) => {
  const bodies = comments.map((comment) => comment.body)
  const runs = decoded.match(/\d(?:[ -]?\d)+/g) ?? []
  const digits = runs.map((run) => run.replaceAll(/[ -]/g, ''))
  const looksLike = new Set(digits.filter((run) => /^\d{13,19}$/.test(run) && isCard(run)))
  t.ok(looksLike.size > 200, `${looksLike.size} card numbers`)
  t.ok(looksLike.isSubsetOf(generated.cards), [...looksLike.difference(generated.cards)].join())
  const inText = bodies.filter((body) => /\d{4}[ -]\d{4,6}[ -]\d{4,5}/.test(body))
  t.ok(inText.length > 20, `${inText.length} card numbers in groups`)
  t.end()
})

test('no two records share a value that a policy masks', (t) => {
  const kinds: Record<string, readonly unknown[]> = {
    name: users.map((user) => user.name),
    email: users.map((user) => user.email),
    phone: users.map((user) => user.phone),
    external: users.map((user) => user.external_id),
    birth: users.map((user) => user.user_fields['date_of_birth']),
    national: users.map((user) => user.user_fields['national_id']),
    card: [...users.map((user) => user.user_fields['card_on_file']), ...fieldValues(360_001)],
    iban: fieldValues(360_002),
    order: fieldValues(360_004),
  }
  for (const [kind, values] of Object.entries(kinds)) {
    const present = values.filter((value) => value !== null)
    t.ok(present.length > 50, `${present.length} of ${kind}`)
    t.equal(new Set(present).size, present.length, `each ${kind} once`)
  }
  t.end()
})

test('e-mail, telephone and network addresses belong to nobody', (t) => {
  const mails = decoded.match(/[\w.'-]+@[\w.-]*\w/g) ?? []
  t.ok(mails.length > 600)
  t.same(
    mails.filter((mail) => !/@example\.(?:com|org|net)$/.test(mail)),
    [],
  )
  const phones = decoded.match(/\+\d{9,13}\b/g) ?? []
  t.ok(phones.length > 300)
  const fiction = /^\+(?:1\d{3}55501\d\d|447700900\d{3}|3363998\d{4}|493023125\d{3})$/
  t.same(
    phones.filter((phone) => !fiction.test(phone)),
    [],
  )
  const addresses = [...decoded.matchAll(/"ip_address": ?"([^"]+)"/g)].map(([, address]) => address)
  t.ok(addresses.length > 800)
  const documentation = /^(?:192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8::)/
  t.same(
    addresses.filter((address) => !documentation.test(address ?? '')),
    [],
  )
  t.end()
})

test('every IBAN has right check digits (ISO 13616)', (t) => {
  const ibans = fieldValues(360_002).filter((value) => typeof value === 'string')
  t.ok(ibans.length > 50)
  for (const iban of ibans) {
    const digits = `${iban.slice(4)}${iban.slice(0, 4)}`.replaceAll(/[A-Z]/g, (letter) => {
      return String(letter.charCodeAt(0) - 55)
    })
    if (BigInt(digits) % 97n !== 1n) t.fail(iban)
  }
  t.end()
})

test('the data holds what breaks a careless proxy', (t) => {
  const ids = [...all.matchAll(/"id": ?(\d+)/g)].map(([, id]) => id ?? '')
  const big = ids.filter((id) => BigInt(id) > 2n ** 53n)
  t.ok(big.length > 200, `${big.length} ids over 2^53`)
  t.ok(big.every((id) => BigInt(id) < 2n ** 63n))
  t.equal(new Set(ids.filter((id) => !/^36000[1-4]$|^360900$/.test(id))).size, ids.length - 4 * 300)
  t.equal(Number('9007199254740993'), Number('9007199254740992'), 'twins in a double')
  t.ok(ids.includes('9007199254740993') && ids.includes('9007199254740992'))
  for (const [what, part] of Object.entries({
    'escaped letters': String.raw`\u00e9`,
    'escaped surrogates': String.raw`\ud83d`,
    'escaped slashes': String.raw`\/`,
    'numbers with zeros': '2.50',
    'Spanish letters': 'ñ',
    emoji: '🙏',
    spaces: '{ "id": ',
  })) {
    t.ok(all.includes(part), what)
  }
  for (const script of ['Han', 'Hiragana', 'Arabic', 'Cyrillic', 'Greek']) {
    t.match(all, new RegExp(`\\p{Script=${script}}`, 'u'), script)
  }
  t.end()
})

test('comments, identities and requesters belong to records that exist', (t) => {
  t.same([...membersOf(storedText('comments')).keys()], idsOf('tickets'))
  t.same([...membersOf(storedText('identities')).keys()], idsOf('users'))
  const userIds = new Set(users.map((user) => user.id))
  t.ok(tickets.every((ticket) => userIds.has(ticket.requester_id)))
  t.equal(users.filter((user) => user.role === 'agent').length, 12)
  t.end()
})

test('each sample answer of the policy has every member, and they are filled', (t) => {
  const members: Record<string, string> = {
    'user.user': `id url name email phone role locale time_zone organization_id external_id notes details
      tags photo user_fields created_at updated_at last_login_at`,
    'ticket.ticket': `id url subject description requester_id submitter_id assignee_id status priority tags
      via recipient custom_fields created_at updated_at satisfaction_rating`,
    'organization.organization': `id url name domain_names details notes group_id shared_tickets
      shared_comments external_id tags organization_fields created_at updated_at`,
    'tickets.': 'tickets next_page previous_page count',
    'users.': 'users next_page previous_page count',
    'comments.': 'comments next_page previous_page count',
    'identities.': 'identities next_page previous_page count',
  }
  for (const [place, names] of Object.entries(members)) {
    const [file = '', member = ''] = place.split('.')
    const whole = fixtureOf(file)
    const record = member === '' ? whole : (whole[member] as Record<string, unknown>)
    t.same(Object.keys(record), names.split(/\s+/), place)
    const empty = Object.keys(record).filter((name) =>
      ['null', '""', '[]'].includes(JSON.stringify(record[name])),
    )
    t.same(
      empty.filter((name) => !['photo', 'next_page', 'previous_page'].includes(name)),
      [],
    )
  }
  for (const [file, count] of Object.entries({
    tickets: 3,
    users: 3,
    comments: 3,
    identities: 2,
  })) {
    t.equal((fixtureOf(file)[file] as readonly unknown[]).length, count, file)
  }
  t.end()
})

test('links in the stored data point to the stored origin only', (t) => {
  const links = decoded.match(/https?:\/\/[^/"]+/g) ?? []
  const others = new Set(links.filter((link) => link !== STORED_ORIGIN))
  t.same([...others], ['https://example.com'], 'but for a link in what an agent writes')
  t.end()
})
