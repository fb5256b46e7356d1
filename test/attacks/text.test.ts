/** Threats 61 to 63: personal data in free text, written so that it is missed, and values that stand in more than one place. */
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { MAIL, NAME, secretsIn, TEXTS } from '../helpers/hidden-texts.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import { noteVerdict } from './verdicts.ts'

function withDictionary(policy: PolicyDocument): PolicyDocument {
  const { roles, limits, routes } = policy
  return {
    ...policy,
    limits: { ...limits, bodyBytesMax: 65_536 },
    roles: { ...roles, agent: { ...roles['agent'], show: [] } },
    routes: routes.map((route) =>
      route.match.endsWith('/comments') ? { ...route, dictionary: 'required' } : route,
    ),
  }
}

async function ask(world: World, body: string): Promise<string> {
  world.upstream.answer(() => jsonAnswer(body))
  const path = '/api/v2/tickets/7/comments'
  const token = await world.token()
  const answer = await request(world.gateway.port, { path, token }, { timeoutMs: 20_000 })
  return answer.body.toString()
}

function commentsOf(texts: readonly string[]): string {
  return JSON.stringify({
    comments: texts.map((text, id) => ({
      id,
      author_id: 7,
      body: text,
      html_body: text,
      public: true,
      via: { channel: 'email', source: { from: { name: NAME, address: MAIL } } },
    })),
    count: texts.length,
  })
}

test('E61 to E63: what is hidden does not leave in a text', async (t) => {
  const world = await startWorld(t, { change: withDictionary })
  for (const [name, text] of Object.entries(TEXTS)) {
    const answer = await ask(world, commentsOf([text]))
    const leaves = t.match(answer, /"author_id":7/, `${name}: the answer leaves`)
    const left = secretsIn(answer)
    const held = t.same(left, [], `${name}: and nothing that is hidden in it`, { answer })
    noteVerdict({ id: name.slice(0, 3), held: leaves && held, due: undefined })
  }
})

test('E62: in an answer that is streamed texts are masked whole where the route says so', async (t) => {
  const world = await startWorld(t, { change: withDictionary })
  const filler = 'nothing to hide here. '.repeat(20)
  const texts = Array.from({ length: 400 }, () => `${filler} Dear Zilpha`)
  const answer = await ask(world, commentsOf(texts))
  t.ok(answer.length > 30_000 && answer.endsWith('}'), 'all of it came')
  t.same((JSON.parse(answer) as { comments: { body: string }[] }).comments[0]?.body, '[redacted]')
  t.same(secretsIn(answer), [])
})
