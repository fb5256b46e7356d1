/** Forms that come back whole, masks and all: what was changed is changed in the tracker, and nothing else. */
import type { Test } from 'tap'
import { headerValues } from '../../helpers/http-message.ts'
import type { RawExchange } from '../../helpers/raw-client.ts'
import type { RequestTracker } from '../../helpers/request-tracker.ts'
import type { Planted } from './planted.ts'
import type { RoleName, TrackerRequest } from './requests.ts'

/** Who takes part. */
export interface WritingDesk {
  readonly tracker: RequestTracker
  readonly planted: Planted
  readonly ask: (role: RoleName, asked: TrackerRequest) => Promise<RawExchange>
}

type RecordOf = Readonly<Record<string, unknown>>

interface Write {
  readonly name: string
  readonly role: RoleName
  readonly path: string
  /** What the form has in place of what was read. */
  readonly change: RecordOf
  /** Only the change is sent. Undefined: with all that was read, but for what the tracker does not take back. */
  readonly alone?: true
  readonly status: number
}

/** What the tracker sets by itself. */
const OWN = new Set(['LastUpdated', 'LastUpdatedBy', '_hyperlinks'])

/** Each write, and what became of the record. */
export async function assertWrites(t: Test, desk: WritingDesk): Promise<void> {
  for (const write of writesOf(desk.planted)) {
    await t.test(`${write.role}: ${write.name}`, (row) => assertWrite(row, desk, write))
  }
}

function writesOf({ userId, ticketId, email, values }: Planted): readonly Write[] {
  const user = `/user/${userId}`
  const ticket = `/ticket/${ticketId}`
  const mask = `${email.slice(0, 1)}***${email.slice(email.indexOf('@'))}`
  return [
    { name: 'a language', role: 'agent', path: user, change: { Lang: 'en' }, status: 200 },
    {
      name: 'a number',
      role: 'lead',
      path: user,
      change: { MobilePhone: '+34 600 000 000' },
      status: 200,
    },
    { name: 'nothing at all', role: 'billing', path: user, change: {}, status: 200 },
    {
      name: 'a mask alone',
      role: 'agent',
      path: user,
      change: { EmailAddress: mask },
      alone: true,
      status: 200,
    },
    {
      name: 'an address unseen',
      role: 'agent',
      path: user,
      change: { EmailAddress: 'x@example.com' },
      status: 409,
    },
    {
      name: 'an address guessed',
      role: 'agent',
      path: user,
      change: { EmailAddress: email },
      status: 409,
    },
    {
      name: 'the mask of another',
      role: 'agent',
      path: user,
      change: { EmailAddress: 'x***@example.com' },
      status: 409,
    },
    { name: 'no address', role: 'agent', path: user, change: { EmailAddress: '' }, status: 409 },
    { name: 'a login', role: 'lead', path: user, change: { Name: 'somebody' }, status: 409 },
    { name: 'its privileges', role: 'lead', path: user, change: { Privileged: 1 }, status: 409 },
    {
      name: 'custom fields',
      role: 'lead',
      path: user,
      change: { CustomFields: { 'National ID': 'x' } },
      status: 409,
    },
    { name: 'a priority', role: 'agent', path: ticket, change: { Priority: '70' }, status: 200 },
    {
      name: 'a state alone',
      role: 'lead',
      path: ticket,
      change: { Status: 'open' },
      alone: true,
      status: 200,
    },
    { name: 'a requestor', role: 'lead', path: ticket, change: { Requestor: email }, status: 409 },
    {
      name: 'a subject',
      role: 'lead',
      path: ticket,
      change: { Subject: values['text.note']?.[0] },
      status: 409,
    },
  ]
}

async function assertWrite(t: Test, { tracker, ask }: WritingDesk, write: Write): Promise<void> {
  const { role, path, change, status } = write
  const before = (await tracker.ask('GET', path)) as RecordOf
  const full = `/REST/2.0${path}`
  const { body: form } = await ask(role, { name: path, path: full, expect: 200 })
  const { CustomFields: _, ...shown } = JSON.parse(form.toString()) as RecordOf
  const answer = await ask(role, {
    name: write.name,
    method: 'PUT',
    path: full,
    headers: [['Content-Type', 'application/json']],
    body: JSON.stringify(write.alone === true ? change : { ...shown, ...change }),
    expect: status,
  })
  t.equal(answer.status, status, answer.body.toString().slice(0, 300))
  const after = (await tracker.ask('GET', path)) as RecordOf
  const wanted = status === 200 ? changed(before, shown, change) : {}
  t.same(comparable(after), comparable({ ...before, ...wanted }), 'nothing else is changed')
  t.same(headerValues(answer.headers, 'location'), [])
}

/** What is to stand there: a mask that was sent back changes nothing. */
function changed(before: RecordOf, shown: RecordOf, change: RecordOf): RecordOf {
  return Object.fromEntries(
    Object.entries(change).map(([name, value]) => [
      name,
      value === shown[name] ? before[name] : value,
    ]),
  )
}

function comparable(record: RecordOf): RecordOf {
  const { CustomFields: fields, ...others } = record
  const byName = (a: { readonly name: string }, b: { readonly name: string }) =>
    a.name.localeCompare(b.name)
  return {
    ...Object.fromEntries(Object.entries(others).filter(([name]) => !OWN.has(name))),
    CustomFields: (fields as { readonly name: string }[]).toSorted(byName),
  }
}
