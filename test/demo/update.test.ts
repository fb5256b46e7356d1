/** Changes of the sample helpdesk: what is merged, what replaces, what is refused, and that no digit is lost. */
import { test, type Test } from 'tap'
import { startHelpdesk } from '../../demo/helpdesk.ts'

const TOKEN = 'sample-token'
const USER = '/api/v2/users/9007199254740992'
const TICKET = '/api/v2/tickets/9007199254741011'

type Ask = (target: string, body?: string) => Promise<{ status: number; body: string }>

async function started(t: Test): Promise<Ask> {
  const helpdesk = await startHelpdesk({ port: 0, host: '127.0.0.1', token: TOKEN })
  t.teardown(helpdesk.close)
  return async (target, body) => {
    const answer = await fetch(`${helpdesk.url}${target}`, {
      method: body === undefined ? 'GET' : 'PUT',
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body !== undefined && { body }),
    })
    return { status: answer.status, body: await answer.text() }
  }
}

interface User {
  readonly user: Readonly<Record<string, unknown>> & {
    readonly user_fields: Readonly<Record<string, unknown>>
  }
}

test('members replace those that are there, and those of user_fields one by one', async (t) => {
  const ask = await started(t)
  const before = await ask(USER)
  const changed = await ask(
    USER,
    '{"user":{"locale":"pt","tags":["x"],"user_fields":{"customer_tier":"gold"},"organization_id":9007199254740995}}',
  )
  t.equal(changed.status, 200)
  t.equal((await ask(USER)).body, changed.body, 'it stays')
  t.match(changed.body, '"organization_id":9007199254740995')
  const { user } = JSON.parse(before.body) as User
  t.same(JSON.parse(changed.body), {
    user: {
      ...user,
      locale: 'pt',
      tags: ['x'],
      user_fields: { ...user.user_fields, customer_tier: 'gold' },
      organization_id: Number('9007199254740995'),
    },
  })
})

test('custom fields are merged by their ids, and those that are not there are ignored', async (t) => {
  const ask = await started(t)
  const before = JSON.parse((await ask(TICKET)).body) as {
    ticket: { custom_fields: { id: number; value: unknown }[] }
  }
  const [first] = before.ticket.custom_fields
  const { body } = await ask(
    TICKET,
    `{"ticket":{"custom_fields":[{"id":"${first?.id}","value":"new"},{"id":1,"value":2}]}}`,
  )
  const after = JSON.parse(body) as typeof before
  t.same(
    after.ticket.custom_fields.map(({ value }) => value),
    before.ticket.custom_fields.map(({ value }, index) => (index === 0 ? 'new' : value)),
  )
})

test('a comment is added to those of the ticket, and is no member of it', async (t) => {
  const ask = await started(t)
  const comments = async () =>
    (JSON.parse((await ask(`${TICKET}/comments`)).body) as { comments: unknown[] }).comments
  const before = { comments: await comments(), ticket: (await ask(TICKET)).body }
  const { status, body } = await ask(TICKET, '{"ticket":{"comment":{"body":"Hi","public":false}}}')
  t.equal(status, 200)
  t.equal(body, before.ticket)
  const after = await comments()
  t.same(after.slice(0, -1), before.comments)
  t.match(after.at(-1), { body: 'Hi', public: false })
})

test('what cannot be a change changes nothing', async (t) => {
  const ask = await started(t)
  const before = await ask(USER)
  for (const [target, body, status] of [
    [USER, '', 400],
    [USER, '{', 400],
    [USER, '[]', 400],
    [USER, '{}', 422],
    [USER, '{"user":[]}', 422],
    [USER, '{"ticket":{}}', 422],
    [USER, '{"user":{"comment":{"body":"x"}}}', 422],
    [TICKET, '{"ticket":{"comment":"x"}}', 422],
    [TICKET, '{"ticket":{"comment":{"body":1}}}', 422],
    ['/api/v2/users/1', '{"user":{}}', 404],
    ['/api/v2/users', '{"user":{}}', 404],
    [`${USER}?x=1`, '{"user":{}}', 404],
    [USER, `{"user":{"notes":"${'x'.repeat(2 ** 21)}"}}`, 413],
  ] as const) {
    t.equal((await ask(target, body)).status, status, `${target} ${body.slice(0, 40)}`)
  }
  t.equal((await ask(USER)).body, before.body)
})
