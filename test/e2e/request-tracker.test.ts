/**
 * Request Tracker 5, a real helpdesk, behind the gateway under its example policy: its tickets, histories, files and
 * customers as three roles see them. Nothing of a customer that a role may not see leaves; the work can still be done.
 */
import { randomBytes } from 'node:crypto'
import { test, type Test } from 'tap'
import { assertNoCanary, type CanaryScope } from '../helpers/canaries.ts'
import { withoutSamples } from '../helpers/canary-chance.ts'
import { unescapedViews } from '../helpers/canary-views.ts'
import { startGatewayProcess, type GatewayProcess } from '../helpers/gateway.ts'
import { headerValues } from '../helpers/http-message.ts'
import { startJwksServer } from '../helpers/jwks-server.ts'
import { accessClaims, makeKey, signToken } from '../helpers/keys.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { request, type RawExchange } from '../helpers/raw-client.ts'
import {
  requireRequestTracker,
  startRequestTracker,
  type RequestTracker,
} from '../helpers/request-tracker.ts'
import { startWireTap, type WireTap } from '../helpers/wire-tap.ts'
import { assertTexts } from './request-tracker/texts.ts'
import { assertWrites } from './request-tracker/writes.ts'
import { hiddenValues, seededValues, type SeededValues } from './request-tracker/seeded.ts'
import { plant, type Planted } from './request-tracker/planted.ts'
import { trackerRequests, type RoleName, type TrackerRequest } from './request-tracker/requests.ts'

const POLICY = 'config/examples/request-tracker.yaml'
/** Where callers find the gateway, as the policy has it. */
const PUBLIC_URL = 'https://desk.example'
/** What each role sees in clear; of texts, all but what is found in them. Written apart from the policy on purpose. */
const SEES: Readonly<Record<RoleName, readonly string[]>> = {
  agent: ['person.name', 'text.conversation'],
  lead: [
    'person.name',
    'person.login',
    'contact.email',
    'contact.phone',
    'contact.address',
    'text.conversation',
    'text.note',
  ],
  billing: ['person.name', 'payment.card', 'payment.iban', 'text.conversation'],
}
const ROLES = Object.keys(SEES) as readonly RoleName[]
const ANSWER_TIMEOUT_MS = 20_000
const HIDDEN_MIN = 400
/** A request costs it up to a second, and more on a busy machine. */
const TIMEOUT_MS = 200_000

interface Desk {
  readonly tracker: RequestTracker
  readonly gateway: GatewayProcess
  readonly tap: WireTap
  readonly planted: Planted
  readonly seeded: SeededValues
  readonly ask: (role: RoleName, asked: TrackerRequest) => Promise<RawExchange>
}

async function startDesk(t: Test): Promise<Desk> {
  const key = await makeKey('ES256')
  const [tracker, tap, issuer] = await Promise.all([
    startRequestTracker(t),
    startWireTap(t),
    startJwksServer(t, [key]),
  ])
  tap.relayTo(tracker.port)
  const seeded = await seededValues(tracker)
  const planted = await plant(tracker)
  const gateway = await startGatewayProcess(t, {
    policy: { file: POLICY },
    upstreamUrl: tap.url,
    issuer: issuer.issuer,
    env: {
      HELPDESK_TOKEN: tracker.token,
      HELPDESK_ORIGIN: tracker.url,
      CELOSIA_PUBLIC_URL: PUBLIC_URL,
      CELOSIA_PSEUDONYM_KEY: randomBytes(32).toString('base64'),
    },
  })
  const tokens = new Map<RoleName, string>()
  for (const role of ROLES) {
    const claims = accessClaims(issuer.issuer, {
      sub: `one-${role}`,
      realm_access: { roles: [role] },
    })
    tokens.set(role, await signToken(claims, { key }))
  }
  return {
    tracker,
    gateway,
    tap,
    planted,
    seeded,
    ask: (role, { method = 'GET', path, headers = [], body, token }) =>
      request(
        gateway.port,
        {
          method,
          path,
          headers,
          ...(body !== undefined && { body }),
          ...(token !== false && { token: tokens.get(role) ?? '' }),
        },
        { timeoutMs: ANSWER_TIMEOUT_MS },
      ),
  }
}

test('Request Tracker behind the gateway', { timeout: TIMEOUT_MS }, async (t) => {
  if (!requireRequestTracker(t)) return
  const desk = await startDesk(t)
  const requests = trackerRequests(desk.planted)
  for (const role of ROLES) {
    await t.test(`as ${role}`, { timeout: TIMEOUT_MS }, async (row) => {
      const answers = await askAll(desk, role, requests)
      row.same(
        answers.map(({ asked, answer }) => `${asked.name}: ${answer.status}`),
        requests.map((asked) => `${asked.name}: ${expectedStatus(asked, role)}`),
        `${requests.length} requests have the expected statuses`,
      )
      for (const { asked, answer } of answers) assertClean(row, desk, role, { asked, answer })
      assertNothingSeeded(row, desk, role, answers)
    })
  }
  await t.test('each role can do its work', (row) => assertUseful(row, desk))
  await t.test('links lead to the gateway, and can be followed', { timeout: TIMEOUT_MS }, (row) =>
    assertLinks(row, desk),
  )
  await t.test('a reply reaches the tracker as it was written', (row) => assertReply(row, desk))
  await t.test('messages can be read', { timeout: TIMEOUT_MS }, (row) => assertTexts(row, desk))
  await t.test('forms come back whole', { timeout: TIMEOUT_MS }, (row) => assertWrites(row, desk))
  await t.test('what went to the tracker', (row) => assertUpstream(row, desk))
  await t.test('the audit, the log and the metrics', (row) => assertRecords(row, desk, requests))
  t.comment(`Request Tracker: ${requests.length * ROLES.length} asked, none due`)
})

interface Asked {
  readonly asked: TrackerRequest
  readonly answer: RawExchange
}

/** The tracker has three workers. */
const AT_A_TIME = 3

async function askAll(
  { ask }: Desk,
  role: RoleName,
  requests: readonly TrackerRequest[],
): Promise<readonly Asked[]> {
  const answers: Asked[] = []
  const left = requests.entries()
  const worker = async () => {
    for (const [index, asked] of left) answers[index] = { asked, answer: await ask(role, asked) }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return answers
}

function expectedStatus({ expect }: TrackerRequest, role: RoleName): number {
  return typeof expect === 'number' ? expect : expect[role]
}

/** T1: nothing of the customer that the role may not see, and no way past the gateway. */
function assertClean(
  t: Test,
  { planted, tracker, tap }: Desk,
  role: RoleName,
  { asked, answer }: Asked,
) {
  assertNoCanary(t, planted.canaries, answer.bytes, scopeOf(planted, role, asked.name))
  assertNoCanary(t, planted.canaries, answer.body, scopeOf(planted, role, `${asked.name}, decoded`))
  const text = answer.bytes.toString('latin1') + answer.body.toString('latin1')
  const origins = [tracker.url, tap.url, 'lab.example:'].filter((origin) => text.includes(origin))
  t.same(origins, [], `${asked.name} names no address of the tracker`)
  t.same(
    ['etag', 'last-modified', 'set-cookie', 'server'].filter(
      (name) => headerValues(answer.headers, name).length > 0,
    ),
    [],
    `${asked.name} has no header of the tracker`,
  )
}

/** Nor of anybody else: none of the values of the seed, whole. */
function assertNothingSeeded(t: Test, { seeded }: Desk, role: RoleName, answers: readonly Asked[]) {
  const hidden = hiddenValues(seeded, SEES[role])
  const texts = answers.flatMap(({ answer }) => unescapedViews(answer.body).map(String))
  const all = texts.join('\n')
  t.ok(
    hidden.length > HIDDEN_MIN,
    `${hidden.length} values must not be in ${all.length} characters`,
  )
  t.same(
    hidden.filter((value) => all.includes(value)),
    [],
    'none of them is',
  )
  const names = [...(seeded.get('person.name') ?? [])]
  t.ok(names.filter((name) => all.includes(name)).length > 20, 'but the names are')
}

function scopeOf({ values, email }: Planted, role: RoleName, where: string): CanaryScope {
  const seen = SEES[role].flatMap((name) => values[name] ?? [])
  const host = email.slice(email.indexOf('@'))
  return { where, allowed: [...seen, `${email.slice(0, 1)}***${host}`] }
}

async function assertUseful(t: Test, { ask, planted, tracker }: Desk): Promise<void> {
  const read = async (role: RoleName, path: string) => {
    const { body } = await ask(role, { name: path, path: `/REST/2.0${path}`, expect: 200 })
    return JSON.parse(body.toString()) as Record<string, unknown>
  }
  const { values, userId, ticketId, email, card } = planted
  const shown = (await tracker.ask('GET', `/ticket/${ticketId}`)) as Record<string, unknown>
  for (const role of ROLES) {
    const [user, ticket] = [
      await read(role, `/user/${userId}`),
      await read(role, `/ticket/${ticketId}`),
    ]
    const sees = new Set(SEES[role])
    t.equal(user['RealName'], values['person.name']?.[0], `${role} sees the name`)
    t.equal(user['EmailAddress'] === email, sees.has('contact.email'), `${role} and the address`)
    t.equal(ticket['Status'], shown['Status'], `${role} sees the state of the ticket`)
    t.equal(
      ticket['Subject'] === shown['Subject'],
      sees.has('text.conversation'),
      `${role} and the subject`,
    )
    const fields = ticket['CustomFields'] as { readonly name: string; readonly values: string[] }[]
    const valuesOf = (name: string) => fields.find((field) => field.name === name)?.values
    t.same(valuesOf('Tier'), ['gold'], `${role} sees the tier`)
    t.same(valuesOf('Payment card'), [sees.has('payment.card') ? card : `******${card.slice(-4)}`])
  }
  await assertNavigable(t, read, planted)
  await assertFound(t, read, planted)
}

/** Who tells an address is found by it, also by those who do not see it; and by nothing that is only like it. */
async function assertFound(
  t: Test,
  read: (role: RoleName, path: string) => Promise<Record<string, unknown>>,
  { email, ticketId }: Planted,
): Promise<void> {
  const found = async (role: RoleName, query: string) => {
    const list = await read(role, `/tickets?query=${encodeURIComponent(query)}&fields=Subject`)
    return (list as { items: readonly { id: string }[] }).items.map(({ id }) => id)
  }
  const like = `${email.slice(0, 2)}_${email.slice(3)}`
  for (const role of ROLES) {
    const by = (address: string) => found(role, `Requestor.EmailAddress = '${address}'`)
    t.same(await by(email), [String(ticketId)], `${role} finds the ticket`)
    t.same(await by(email.toUpperCase()), [String(ticketId)], 'in capitals too')
    t.same(await by(like), [], 'no character stands for any other')
  }
}

/** From a list to the customer, for a role that never sees the login. */
async function assertNavigable(
  t: Test,
  read: (role: RoleName, path: string) => Promise<Record<string, unknown>>,
  { userId, values, ticketId }: Planted,
): Promise<void> {
  const query = `query=${encodeURIComponent("Queue = 'Billing'")}&orderby=id&order=DESC&per_page=10`
  const path = `/tickets?${query}&fields=Requestor&fields[Requestor]=id,Name`
  const list = (await read('agent', path)) as {
    readonly items: readonly { id: string; Requestor: readonly { id: number; Name: string }[] }[]
  }
  const requestor = list.items.find(({ id }) => id === String(ticketId))?.Requestor[0]
  t.equal(requestor?.id, userId, 'the number by which the customer can be asked for')
  t.not(requestor?.Name, values['person.login']?.[0])
  const user = await read('agent', `/user/${userId}`)
  t.equal(user['Name'], requestor?.Name, 'the pseudonym of a login is the same everywhere')
}

/** Every link of a ticket and of a list of tickets that an agent gets. */
async function assertLinks(t: Test, { ask, planted }: Desk): Promise<void> {
  const billing = `query=${encodeURIComponent("Queue = 'Billing'")}`
  const paths = [
    `/REST/2.0/ticket/${planted.ticketId}`,
    `/REST/2.0/tickets?${billing}&orderby=id&order=DESC&per_page=10&page=2&fields=Queue,CustomFields`,
    `/REST/2.0/user/${planted.userId}`,
  ]
  const links = new Set<string>()
  for (const path of paths) {
    const { body } = await ask('agent', { name: path, path, expect: 200 })
    const found = body.toString().match(/"(?:_url|next_page|prev_page)" ?: ?"[^"]*"/g) ?? []
    for (const pair of found)
      links.add(
        pair
          .slice(pair.indexOf(':') + 1)
          .trim()
          .slice(1, -1),
      )
  }
  const led = [...links].filter((link) => link.startsWith('https:'))
  t.same(
    [...links].filter((link) => !led.includes(link)),
    ['[masked]'],
    'a link leads there or nowhere',
  )
  t.match(
    led.find((link) => link.includes('page=3')),
    /query=Queue%20%3D%20'Billing'/,
    'a next page',
  )
  t.match(
    led.find((link) => link.includes('page=1')),
    /orderby=id/,
    'and a previous one',
  )
  const statuses = new Map<string, number>()
  for (const link of led) {
    const path = link.slice(PUBLIC_URL.length)
    const { status } = await ask('agent', { name: link, path, expect: 200 })
    statuses.set(path, status)
  }
  const writing = /\/(?:correspond|comment)$/
  const others = [...statuses].filter(
    ([path, status]) => status !== (writing.test(path) ? 404 : 200),
  )
  t.same(others, [], `${statuses.size} links can be followed, or are written to`)
  t.ok(statuses.size > 20)
}

async function assertReply(t: Test, { ask, tracker, planted }: Desk): Promise<void> {
  const content = 'Grüße & "Dank", 100 % – wie besprochen\n– ein Agent'
  const { status, headers } = await ask('agent', {
    name: 'reply',
    method: 'POST',
    path: `/REST/2.0/ticket/${planted.ticketId}/comment`,
    headers: [['Content-Type', 'application/json']],
    body: JSON.stringify({ Content: content, ContentType: 'text/plain' }),
    expect: 201,
  })
  t.equal(status, 201)
  const [location = ''] = headerValues(headers, 'location')
  const added = await ask('agent', { name: location, path: location, expect: 200 })
  t.match(added.body.toString(), /"Type" ?: ?"Comment"/, 'the answer says where it is now')
  const path = `/ticket/${planted.ticketId}/attachments?per_page=100&fields=Content`
  const { items } = (await tracker.ask('GET', path)) as { items: readonly { Content: string }[] }
  t.equal(items.filter((item) => item.Content === content).length, 1, 'once, and unchanged')
}

/** Every byte on the way to the tracker was written by the gateway, with its own credential. */
async function assertUpstream(t: Test, { tap, tracker }: Desk): Promise<void> {
  const wrote = tap.take().toString('latin1')
  const heads = wrote.match(/(?:GET|HEAD|POST|PUT) \/REST\/2\.0\/[^\r\n]* HTTP\/1\.1\r\n/g) ?? []
  t.ok(heads.length > 100, `${heads.length} requests`)
  const credentials = wrote.match(/^authorization: [^\r]*/gim) ?? []
  t.same([...new Set(credentials)], [`authorization: token ${tracker.token}`])
  t.equal(credentials.length, heads.length, 'one in each request')
  t.notMatch(wrote, /cookie:|x-forwarded|if-none-match|pass=|Bearer /i)
}

async function assertRecords(
  t: Test,
  { gateway, planted, tracker }: Desk,
  requests: readonly TrackerRequest[],
): Promise<void> {
  const events = await gateway.records()
  const outcomes = accessViews(events).filter(({ phase }) => phase === 'outcome')
  const known = requests.filter(({ token }) => token !== false).length * ROLES.length
  t.ok(outcomes.length >= known, 'each request of a known caller has a record')
  const places = { audit: JSON.stringify(events), log: gateway.logs() }
  for (const [where, text] of Object.entries(places)) {
    assertNoCanary(t, planted.canaries, text, { where })
    t.notMatch(text, tracker.token)
  }
  assertNoCanary(t, planted.canaries, withoutSamples(await gateway.metrics()), { where: 'metrics' })
}
