/** Threats 61 to 63 on the way in: personal data that somebody writes into a text does not reach the helpdesk, logs or audit. */
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { secretsIn, TEXTS } from '../helpers/hidden-texts.ts'
import { ticketBody } from '../helpers/helpdesk-answers.ts'
import { headerValues } from '../helpers/http-message.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

const TICKET = '/api/v2/tickets/9'
const IN_TEXT = 'ticket.comment.body'

const withInbound =
  (inbound: NonNullable<PolicyDocument['inbound']>) =>
  (policy: PolicyDocument): PolicyDocument => ({
    ...policy,
    inbound,
    limits: { ...policy.limits, requestBodyBytesMax: 4_194_304 },
  })

async function put(world: World, body: string) {
  world.upstream.reset()
  world.upstream.answer(jsonAnswer(ticketBody(world.canaries)))
  const token = await world.token()
  const headers = [['content-type', 'application/json']] as const
  return request(world.gateway.port, { method: 'PUT', path: TICKET, token, headers, body })
}

const comment = (text: string): string =>
  JSON.stringify({ ticket: { status: 'open', comment: { body: text, public: true } } })

/** What was written upstream. */
function written({ upstream }: World): readonly string[] {
  return upstream.requests.flatMap(({ method, body }) => (method === 'PUT' ? [String(body)] : []))
}

async function ownParts({ gateway }: World): Promise<readonly { readonly inbound?: unknown }[]> {
  const records = await gateway.records()
  return records.map(
    (event) => (event['unmapped'] as { celosia: { readonly inbound?: unknown } }).celosia,
  )
}

// Names are found by a dictionary only, and a request has none.
const ROWS = Object.entries(TEXTS).filter(([name]) => !name.startsWith('E62'))

test('E61 to E63: what is redacted on the way in is nowhere but in the request', async (t) => {
  const classes = { 'payment.card': 'redact', 'contact.email': 'mask' } as const
  const world = await startWorld(t, { change: withInbound(classes) })
  for (const [name, text] of ROWS) {
    const answer = await put(world, comment(text))
    t.equal(answer.status, 200, `${name}: is written`)
    const [body = '', ...more] = written(world)
    t.same(more, [], `${name}: once`)
    t.same(secretsIn(body), [], `${name}: without what is secret`, { body })
    t.match(body, /"status":"open"/, `${name}: and the rest of it`)
    t.match(
      headerValues(answer.headers, 'celosia-redacted'),
      [/^(?:payment\.card|contact\.email);n=1$/],
      `${name}: the caller is told`,
    )
  }
  const logs = world.gateway.process.stdout() + world.gateway.process.stderr()
  t.same(secretsIn(logs), [], 'nothing of it is in the logs')
  t.same(secretsIn(JSON.stringify(await world.gateway.records())), [], 'nor in the audit')
  const told = (await ownParts(world)).flatMap(({ inbound }) =>
    inbound === undefined ? [] : [inbound],
  )
  t.equal(told.length, 2 * ROWS.length, 'each intent and each outcome tells of it')
  t.match(told[0], [{ class: 'payment.card', action: 'redact', count: 1 }])
})

test('E61 to E63: what is refused on the way in is refused before the helpdesk is asked', async (t) => {
  const classes = { 'payment.card': 'refuse', 'contact.email': 'refuse' } as const
  const world = await startWorld(t, { change: withInbound(classes) })
  for (const [name, text] of ROWS) {
    const answer = await put(world, comment(text))
    t.equal(answer.status, 422, `${name}: is refused`)
    t.same(world.upstream.requests, [], `${name}: and nothing is asked`)
    const problem = JSON.parse(answer.body.toString()) as Record<string, unknown>
    t.match(problem, {
      reason: 'personal-data-refused',
      locations: ["$['ticket']['comment']['body']"],
      classes: [/^(?:payment\.card|contact\.email)$/],
    })
    t.same(secretsIn(answer.body.toString()), [])
  }
  const large = await put(world, comment('a '.repeat(530_000)))
  t.equal(large.status, 422, `${IN_TEXT} too long to be looked through`)
  const words = await put(world, comment(`${'b'.repeat(24)} `.repeat(5_000)))
  t.equal(words.status, 422, `${IN_TEXT} with more packed inside than is looked at`)
  t.same(secretsIn(JSON.stringify(await world.gateway.records())), [], 'the audit has none of it')
  const refusal = (await ownParts(world)).find(({ inbound }) => inbound !== undefined)
  t.match(refusal, {
    decision: 'deny',
    inbound: [{ class: 'payment.card', action: 'refuse', count: 1 }],
  })
})
