/**
 * Section H of the threat model, as far as it is about what stands upstream: no write of a masked role destroys, shows, copies or
 * asks for what it does not see. The upstream keeps records, so that each row is held against what became of them.
 */
import { test } from 'tap'
import type { Test } from 'tap'
import { headerValues } from '../helpers/http-message.ts'
import { ticketBody, userBody } from '../helpers/helpdesk-answers.ts'
import { sendRaw } from '../helpers/raw-client.ts'
import { jsonAnswer, statusAnswer, type UpstreamAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import { writableHelpdesk, type HelpdeskOptions } from '../helpers/writable-helpdesk.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  rawRequest,
  runAttacks,
  summarize,
  type Attack,
  type Outcome,
} from './attack-table.ts'
import { heldWritesPolicy, replacingPolicy } from './held-writes-policy.ts'

const USER = '/api/v2/users/7'
const TICKET = '/api/v2/tickets/9'
const READS = {
  [USER]: ['GET /api/v2/users/{id:integer}'],
  [TICKET]: ['GET /api/v2/tickets/{id:integer}'],
} as const
const JSON_TYPE = 'application/json'
const MERGE_PATCH = 'application/merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'

type JsonObject = { [name: string]: unknown }

/** All that rows are made of. */
interface Desk {
  readonly world: World
  readonly user: JsonObject
  readonly ticket: JsonObject
  /** Header lines with a token of each role. */
  readonly as: Readonly<Record<'agent' | 'lead' | 'clerk', string>>
  /** What an agent is shown of the user, and of the ticket. */
  readonly forms: { readonly user: string; readonly ticket: string }
  readonly email: string
  readonly emailMask: string
  /** What a lead may see. */
  readonly ofLead: readonly string[]
}

async function openDesk(world: World): Promise<Desk> {
  const { canaries, upstream, gateway, token } = world
  const user = JSON.parse(userBody(canaries)) as JsonObject
  const ticket = JSON.parse(ticketBody(canaries)) as JsonObject
  const bearer = async (role: string) =>
    `Authorization: Bearer ${await token({ roles: [role], subject: `${role}-1` })}`
  const as = {
    agent: await bearer('agent'),
    lead: await bearer('lead'),
    clerk: await bearer('clerk'),
  }
  const shown = async (target: string, record: JsonObject): Promise<string> => {
    upstream.answer(jsonAnswer(record))
    const { answers } = await sendRaw(gateway.port, get(target, as.agent))
    return answers[0]?.body.toString() ?? ''
  }
  const email = canaries.make('email', 'user.email')
  const desk = {
    world,
    user,
    ticket,
    as,
    forms: { user: await shown(USER, user), ticket: await shown(TICKET, ticket) },
    email,
    emailMask: `${email.charAt(0)}***@${email.split('@')[1] ?? ''}`,
    ofLead: [email, canaries.make('phone', 'user.phone'), canaries.make('name', 'user.name')],
  }
  upstream.reset()
  return desk
}

/** One write, and what becomes of it. */
interface WriteRow {
  readonly id: string
  readonly name: string
  readonly role?: 'agent' | 'lead' | 'clerk'
  readonly method?: 'PUT' | 'PATCH'
  readonly target?: typeof USER | typeof TICKET
  readonly type?: string
  readonly body: string | object
  readonly expect: Outcome
  /** False: refused before the record is read. */
  readonly isRead?: boolean
  /** What is another in the record afterwards, by a function of what it was. Undefined: nothing. */
  readonly after?: (record: JsonObject) => JsonObject
  /** What the upstream was sent. */
  readonly sent?: string
  /** `locations` of the refusal. */
  readonly places?: readonly string[]
  readonly kept?: string
  readonly options?: HelpdeskOptions
  /** Instead of a helpdesk. */
  readonly answer?: UpstreamAnswer
}

function attackOf(desk: Desk, row: WriteRow): Attack {
  const { world, as } = desk
  const { role = 'agent', method = 'PUT', target = USER, type = JSON_TYPE } = row
  const body = typeof row.body === 'string' ? row.body : JSON.stringify(row.body)
  const bytes = Buffer.from(body)
  const lines = ['Host: a', as[role], `Content-Type: ${type}`, `Content-Length: ${bytes.length}`]
  const before = target === USER ? desk.user : desk.ticket
  return {
    id: row.id,
    name: `${row.name} (${role})`,
    writes: true,
    send: Buffer.concat([rawRequest(`${method} ${target} HTTP/1.1`, lines), bytes]),
    answer: row.answer ?? writableHelpdesk(world.upstream, row.options),
    state: { [target]: before },
    changed: row.after === undefined && row.options?.afterRead === undefined ? [] : [target],
    reads: row.isRead === false ? [] : READS[target],
    expect: [row.expect],
    ...(role === 'lead' && { allowed: desk.ofLead }),
    check: (t, { answers: [answer] }) => {
      if (row.after !== undefined) {
        t.same(world.upstream.records.get(target), row.after(structuredClone(before)), 'the record')
      }
      const { requests } = world.upstream
      const reads = requests.filter(({ method }) => method === 'GET')
      const isFresh = reads.every(
        ({ headers }) => headerValues(headers, 'cache-control')[0] === 'no-cache',
      )
      t.ok(isFresh, 'no cache answers for the upstream')
      const change = requests.find((request) => request.method !== 'GET')
      if (row.sent !== undefined) t.equal(change?.body.toString(), row.sent, 'what was sent')
      if (row.expect === 'permit') {
        t.notMatch(change?.body.toString(), /\*\*\*|\[masked\]|\[redacted\]/, 'no mask was sent')
      } else if (row.isRead !== false) assertPlaces(t, answer?.body ?? Buffer.alloc(0), row)
      if (row.kept !== undefined) {
        t.same(headerValues(answer?.headers ?? [], 'celosia-kept'), [row.kept], 'what was kept')
      }
    },
  }
}

function assertPlaces(t: Test, body: Buffer, { places }: WriteRow): void {
  const { locations } = JSON.parse(body.toString()) as { locations?: unknown }
  if (places !== undefined) t.same(locations, places, 'the places are told')
}

const users = (user: object): object => ({ user })
const withUser = (changes: JsonObject) => (record: JsonObject) => ({
  user: { ...(record['user'] as JsonObject), ...changes },
})

/** H86: what was shown masked comes back. */
function returnedRows({ forms, emailMask, email, world: { canaries } }: Desk): WriteRow[] {
  const form = JSON.parse(forms.user) as { user: JsonObject }
  const tz = { time_zone: 'Paris' }
  const EMAIL = "$['user']['email']"
  return [
    {
      id: 'H86',
      name: 'the masked form whole changes nothing',
      body: forms.user,
      expect: 'permit',
      kept: 'contact.email;n=1, contact.phone;n=1, id.account;n=1, id.national;n=1, payment.card;n=1, person.birthdate;n=1, text.note;n=2',
    },
    {
      id: 'H86',
      name: 'with another member changed, that alone changes',
      body: { user: { ...form.user, ...tz } },
      expect: 'permit',
      after: withUser(tz),
    },
    {
      id: 'H86',
      name: 'in another order',
      body: { user: Object.fromEntries(Object.entries({ ...form.user, ...tz }).toReversed()) },
      expect: 'permit',
      after: withUser(tz),
    },
    {
      id: 'H86',
      name: 'the mask alone',
      body: users({ email: emailMask }),
      expect: 'permit',
      sent: '{"user":{}}',
      kept: 'contact.email;n=1',
    },
    {
      id: 'H86',
      name: 'the mask with blanks around it and its name escaped',
      body: `{"user":{"em\\u0061il":"  ${emailMask}\\r\\n","time_zone":"Paris"}}`,
      expect: 'permit',
      after: withUser(tz),
      sent: '{"user":{"time_zone":"Paris"}}',
    },
    {
      id: 'H86',
      name: 'the mark of another route',
      body: users({ email: '[masked]', notes: '[redacted]' }),
      expect: 'permit',
      sent: '{"user":{}}',
    },
    {
      id: 'H86',
      name: 'the mask of another address',
      body: users({ email: `z${emailMask}` }),
      expect: 'write-refused',
      places: [EMAIL],
    },
    {
      id: 'H86',
      name: 'the mask of what stood there before',
      body: users({ email: emailMask }),
      expect: 'write-refused',
      answer: jsonAnswer({ user: { id: 7, email: 'other@z.example' } }),
    },
    ...['', null, 0, false, [], {}, { a: 1 }, 'x@y.example', email, email.toUpperCase()].map(
      (value): WriteRow => ({
        id: 'H86',
        name: `another value: ${value === email ? 'the address itself' : JSON.stringify(value).toLowerCase() === JSON.stringify(email) ? 'the address in capitals' : JSON.stringify(value)}`,
        body: users({ email: value }),
        expect: 'write-refused',
        places: [EMAIL],
      }),
    ),
    ...[null, [], 'x', 7].map((value): WriteRow => ({
      id: 'H86',
      name: `something else in the place of the record: ${JSON.stringify(value)}`,
      body: { user: value },
      expect: 'write-refused',
      places: ["$['user']"],
    })),
    {
      id: 'H86',
      name: 'a lead sets what a lead sees',
      role: 'lead',
      body: users({ email: 'new@z.example', phone: null }),
      expect: 'permit',
      after: withUser({ email: 'new@z.example', phone: null }),
      sent: '{"user":{"email":"new@z.example","phone":null}}',
    },
    {
      id: 'H86',
      name: 'but not what a lead does not see',
      role: 'lead',
      body: users({ user_fields: { card_on_file: '4111111111111111' } }),
      expect: 'write-refused',
      places: ["$['user']['user_fields']['card_on_file']"],
    },
    {
      id: 'H86',
      name: 'who may set it without seeing it does',
      role: 'clerk',
      body: users({ email: 'new@z.example' }),
      expect: 'permit',
      after: withUser({ email: 'new@z.example' }),
    },
    {
      id: 'H86',
      name: 'and cannot set a mask that is not of now',
      role: 'clerk',
      body: users({ email: 'q***@z.example' }),
      expect: 'write-refused',
      places: [EMAIL],
    },
    {
      id: 'H86',
      name: 'a name that stands twice',
      body: `{"user":{"email":"${emailMask}","email":"x@y.example"}}`,
      expect: 'body-malformed',
      isRead: false,
    },
    {
      id: 'H86',
      name: 'a request that is too large to be held against anything',
      body: { user: { tags: Array.from({ length: 20_000 }, () => 1) } },
      expect: 'body-too-large',
      isRead: false,
    },
    {
      id: 'H86',
      name: 'a member beside the record',
      body: { user: tz, users: [{ email: canaries.make('email', 'other') }] },
      expect: 'write-refused',
    },
  ]
}

/** H86: without a fresh read nothing is written. */
function unreadRows({ emailMask }: Desk): WriteRow[] {
  const answers: readonly (readonly [name: string, answer: UpstreamAnswer, status?: number])[] = [
    ['it is not there', statusAnswer(404), 404],
    ['it is gone', statusAnswer(410), 410],
    ['the gateway may not read it', statusAnswer(403)],
    ['the upstream fails', statusAnswer(500)],
    ['it is empty', statusAnswer(204)],
    ['it is elsewhere', statusAnswer(302)],
    ['it is HTML', jsonAnswer('<p>', { contentType: 'text/html' })],
    ['it is no JSON', jsonAnswer('{"user":{"email":"a@b.example"')],
    ['a name stands twice', jsonAnswer('{"user":{"email":"a@b.example","email":"c@d.example"}}')],
    ['it is too large', jsonAnswer({ user: { a: 'x'.repeat(600_000) } })],
    ['it is larger than what is held at all', jsonAnswer({ user: { a: 'x'.repeat(1_100_000) } })],
    [
      'it has too many values',
      jsonAnswer({ user: { a: Array.from({ length: 20_000 }, () => 1) } }),
    ],
    ['it is nested too deep', jsonAnswer(`${'['.repeat(600)}${']'.repeat(600)}`)],
    ['the connection ends', 'close'],
  ]
  return answers.map(([name, answer, status = 502]) => ({
    id: 'H86',
    name: `no fresh read: ${name}`,
    body: users({ email: emailMask }),
    expect: { reason: 'record-unreadable', status, effect: 'deny' },
    answer,
  }))
}

/** H87: what is left out, and lists that are sent whole. */
function listRows({ forms }: Desk): WriteRow[] {
  const { ticket } = JSON.parse(forms.ticket) as { ticket: JsonObject }
  const CUSTOM = "$['ticket']['custom_fields']"
  const row = (rest: Omit<WriteRow, 'id' | 'target'>): WriteRow => ({
    id: 'H87',
    target: TICKET,
    ...rest,
  })
  return [
    row({ name: 'a ticket as it was shown changes nothing', body: { ticket }, expect: 'permit' }),
    row({
      name: 'its custom fields as they were shown are not sent',
      body: { ticket: { status: 'solved', custom_fields: ticket['custom_fields'] } },
      expect: 'permit',
      sent: '{"ticket":{"status":"solved","custom_fields":[]}}',
      after: (record) => ({ ticket: { ...(record['ticket'] as JsonObject), status: 'solved' } }),
    }),
    row({
      name: 'no custom fields',
      body: { ticket: { custom_fields: [] } },
      expect: 'permit',
    }),
    row({
      name: 'null for them',
      body: { ticket: { custom_fields: null } },
      expect: 'write-refused',
      places: [CUSTOM],
    }),
    row({
      name: 'a card in one of them',
      body: { ticket: { custom_fields: [{ id: 360001, value: '4222222222222222' }] } },
      expect: 'write-refused',
      places: [`${CUSTOM}[0]['value']`],
    }),
    row({
      name: 'another id for what is hidden',
      body: { ticket: { custom_fields: [{ id: 360003, value: 'x' }] } },
      expect: 'permit',
    }),
    row({
      name: 'one twice',
      body: { ticket: { custom_fields: [{ id: 360003 }, { id: '360003' }] } },
      expect: 'write-refused',
    }),
    row({
      name: 'something hidden removed with what is around it',
      body: { ticket: { satisfaction_rating: null } },
      expect: 'write-refused',
    }),
    {
      id: 'H88',
      name: 'a template in a reply',
      target: TICKET,
      body: { ticket: { comment: { body: 'Hi {{ticket.requester.email}}' } } },
      expect: 'template-refused',
      isRead: false,
    },
    {
      id: 'H90',
      name: 'a member that the route does not list',
      body: users({ role: 'admin' }),
      expect: 'write-refused',
      places: ["$['user']['role']"],
    },
    {
      id: 'H90',
      name: 'by a lead, and with what the lead may set',
      role: 'lead',
      body: users({ role: 'admin', organization_id: 1, email: 'new@z.example' }),
      expect: 'write-refused',
      places: ["$['user']['role']", "$['user']['organization_id']"],
    },
    {
      id: 'H90',
      name: 'as it was, it is no change',
      body: users({ role: 'end-user', time_zone: 'Paris' }),
      expect: 'permit',
      after: withUser({ time_zone: 'Paris' }),
    },
    {
      id: 'H91',
      name: 'a file in the place of a document',
      type: 'multipart/form-data; boundary=x',
      body: '--x--',
      expect: 'body-type-undeclared',
      isRead: false,
    },
  ]
}

/** H86 and H93 for patches: what asks, what copies, what removes; and a record that changed meanwhile. */
function patchRows({ email, emailMask }: Desk): WriteRow[] {
  const merge = (
    body: string | object,
    rest: Partial<WriteRow> & Pick<WriteRow, 'name'>,
  ): WriteRow => ({
    id: 'H86',
    method: 'PATCH',
    type: MERGE_PATCH,
    body,
    expect: 'write-refused',
    ...rest,
  })
  const patch = (ops: object[], rest: Partial<WriteRow> & Pick<WriteRow, 'name'>): WriteRow =>
    merge(ops, { type: JSON_PATCH, ...rest })
  const moved = (record: JsonObject) => withUser({ time_zone: 'Oslo' })(record)
  return [
    merge(users({ email: emailMask, time_zone: 'Paris' }), {
      name: 'a merge patch with a mask',
      expect: 'permit',
      sent: '{"user":{"time_zone":"Paris"}}',
      after: withUser({ time_zone: 'Paris' }),
    }),
    merge(users({ email: null }), {
      name: 'a merge patch that removes',
      places: ["$['user']['email']"],
    }),
    merge({ user: null }, { name: 'a merge patch that removes all', places: ["$['user']"] }),
    merge('"x"', { name: 'a merge patch that is no object' }),
    patch([{ op: 'replace', path: '/user/email', value: emailMask }], {
      name: 'a patch with a mask',
      expect: 'permit',
      sent: '[]',
    }),
    patch([{ op: 'test', path: '/user/email', value: email }], {
      name: 'a test with the right value',
      places: ['$[0]'],
    }),
    patch([{ op: 'test', path: '/user/email', value: 'x' }], {
      name: 'a test with a wrong value',
      places: ['$[0]'],
    }),
    patch([{ op: 'test', path: '/user', value: {} }], { name: 'a test of all', places: ['$[0]'] }),
    patch([{ op: 'copy', from: '/user/email', path: '/user/time_zone' }], {
      name: 'a copy',
      places: ['$[0]'],
    }),
    patch([{ op: 'move', from: '/user/notes', path: '/user/time_zone' }], {
      name: 'a move',
      places: ['$[0]'],
    }),
    patch([{ op: 'copy', from: '/user', path: '/user/time_zone' }], {
      name: 'a copy of all',
      places: ['$[0]'],
    }),
    patch([{ op: 'remove', path: '/user/notes' }], { name: 'a removal', places: ['$[0]'] }),
    patch([{ op: 'remove', path: '/user/nothing' }], {
      name: 'a removal of nothing',
      places: ['$[0]'],
    }),
    patch([{ op: 'replace', path: '/user/role', value: 'admin' }], {
      name: 'a member that is not listed',
      id: 'H90',
    }),
    patch([{ op: 'add', path: '/user/tags/-', value: 'x' }], {
      name: 'what may be changed',
      expect: 'permit',
      after: withUser({ tags: ['vip', 'x'] }),
    }),
    merge(users({ time_zone: 'Paris' }), {
      id: 'H93',
      name: 'the record changed after it was read',
      expect: 'write-conflict',
      options: { afterRead: moved as NonNullable<HelpdeskOptions['afterRead']> },
    }),
    ...['W/"1"', '', '"a" ', '*'].map((etag) =>
      merge(users({ time_zone: 'Paris' }), {
        id: 'H93',
        name: `no validator to tie it to: ${JSON.stringify(etag)}`,
        expect: 'record-unreadable',
        options: { etag },
      }),
    ),
  ]
}

test('section H: what is held against the record', async (t) => {
  const world = await startWorld(t, { change: heldWritesPolicy })
  const desk = await openDesk(world)
  const rows = [...returnedRows(desk), ...unreadRows(desk), ...listRows(desk), ...patchRows(desk)]
  const tally = await runAttacks(
    t,
    world,
    rows.map((row) => attackOf(desk, row)),
    createTally(),
  )
  await sameRefusals(t, desk)
  await recordsTell(t, desk)
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

/** Nobody learns from a refusal whether a value was right, or whether it is there. */
async function sameRefusals(t: Test, desk: Desk): Promise<void> {
  const { world, email, as } = desk
  const ask = async (body: string): Promise<string> => {
    world.upstream.reset()
    world.upstream.answer(jsonAnswer(desk.user))
    const head = [
      'Host: a',
      as.agent,
      `Content-Type: ${JSON_TYPE}`,
      `Content-Length: ${body.length}`,
    ]
    const { answers } = await sendRaw(
      world.gateway.port,
      rawRequest(`PUT ${USER} HTTP/1.1`, head, body),
    )
    return (answers[0]?.body.toString() ?? '').replace(/"requestId":"[^"]*"/, '')
  }
  const right = await ask(`{"user":{"email":${JSON.stringify(email)}}}`)
  const wrong = await ask('{"user":{"email":"x@y.example"}}')
  t.match(right, /write-refused/)
  t.equal(right, wrong, 'the right value and a wrong one get the same answer')
}

/** The audit tells how the record was read and what was kept, and no more. */
async function recordsTell(t: Test, desk: Desk): Promise<void> {
  const { world, as, forms } = desk
  world.upstream.reset()
  world.upstream.records.set(USER, desk.user)
  world.upstream.answer(writableHelpdesk(world.upstream))
  const body = Buffer.from(forms.user)
  const head = ['Host: a', as.agent, `Content-Type: ${JSON_TYPE}`, `Content-Length: ${body.length}`]
  await sendRaw(world.gateway.port, Buffer.concat([rawRequest(`PUT ${USER} HTTP/1.1`, head), body]))
  const records = await world.gateway.records()
  const ours = records
    .slice(-2)
    .map((event) => (event['unmapped'] as { celosia: JsonObject }).celosia)
  t.same(
    ours.map(({ phase }) => phase),
    ['intent', 'outcome'],
  )
  for (const { write } of ours) {
    t.match(write, {
      read: 'GET /api/v2/users/{id:integer}',
      read_status: 200,
      precondition: 'none',
    })
    const { classes } = write as { classes: readonly JsonObject[] }
    t.same(
      classes.find(({ name }) => name === 'contact.email'),
      { name: 'contact.email', kept: 1, put_back: 0, written: 0 },
    )
  }
}

for (const absent of ['restore', 'refuse'] as const) {
  test(`H87: a document that takes the place of the record, ${absent}`, async (t) => {
    const world = await startWorld(t, { change: replacingPolicy(absent) })
    const desk = await openDesk(world)
    const { user } = JSON.parse(desk.forms.user) as { user: JsonObject }
    const { email: _email, ...withoutEmail } = user
    const put: HelpdeskOptions = { put: 'replace' }
    // What the upstream sets by itself is not sent; the script does not set it again.
    const without = (record: JsonObject): JsonObject => {
      const { url: _url, ...rest } = record['user'] as JsonObject
      return { user: rest }
    }
    const refused = { expect: 'write-refused' as const }
    const rows: WriteRow[] = [
      {
        id: 'H87',
        name: 'the form whole',
        body: { user },
        expect: 'permit',
        after: without,
        options: put,
      },
      absent === 'restore'
        ? {
            id: 'H87',
            name: 'without the address',
            body: { user: withoutEmail },
            expect: 'permit',
            after: without,
            options: put,
          }
        : {
            id: 'H87',
            name: 'without the address',
            body: { user: withoutEmail },
            ...refused,
            options: put,
          },
    ]
    const attacks = rows.map((row): Attack => {
      const attack = attackOf(desk, row)
      return {
        ...attack,
        check: (s, exchange) => {
          const record = world.upstream.records.get(USER)
          s.same(record, row.after?.(desk.user) ?? desk.user, 'the record, whatever the order')
          if (row.expect !== 'permit') {
            const problem = JSON.parse(exchange.answers[0]?.body.toString() ?? '{}') as JsonObject
            s.same(problem['recordLocations'], ["$['user']['email']"])
          }
        },
      }
    })
    const tally = await runAttacks(t, world, attacks, createTally())
    await assertRefusalsCounted(t, world, tally)
    summarize(t, tally)
  })
}
