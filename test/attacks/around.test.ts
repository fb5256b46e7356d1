/** I104: around the gateway. An upstream that answers whoever asks makes it an ornament: the self-test finds that out. */
import { test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { runHere } from '../helpers/program.ts'
import { jsonAnswer, statusAnswer } from '../helpers/upstream-answers.ts'
import type { AnswerScript } from '../helpers/upstream.ts'
import { startWorld } from '../helpers/world.ts'
import { noteVerdict } from './verdicts.ts'

test('an upstream that answers without the credential of the gateway is found out', async (t) => {
  const path = '/api/v2/users/7'
  const selfTest = { direct: [{ upstream: 'helpdesk', path }] }
  const world = await startWorld(t, { change: (policy) => ({ ...policy, selfTest }) })
  const { gateway, upstream, canaries } = world
  const user = jsonAnswer(userBody(canaries))
  const guarded: AnswerScript = ({ headers }) => {
    const own = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
    return own === `Bearer ${gateway.upstreamToken}` ? user : statusAnswer(401)
  }
  const cases: readonly (readonly [name: string, answer: AnswerScript, code: number])[] = [
    ['one that refuses', guarded, 0],
    ['one that forbids', () => statusAnswer(403), 0],
    ['one that answers everybody', () => user, 4],
    ['one that answers with a part', () => jsonAnswer(userBody(canaries), { status: 206 }), 4],
    ['one that leads elsewhere', () => statusAnswer(302), 4],
    ['one that knows no such record', () => statusAnswer(404), 4],
    ['one that is out of order', () => statusAnswer(500), 5],
    ['one that says nothing', () => 'reset', 5],
  ]
  for (const [name, answer, code] of cases) {
    upstream.answer(answer)
    const args = ['selftest', '--config', gateway.policyFile, '--json']
    const end = await runHere(args, { env: gateway.environment })
    const held =
      end.code === code && canaries.find(end.stdout + end.stderr, { where: name }).length === 0
    t.ok(held, `${name}: ${end.stdout}`)
    noteVerdict({ id: 'I104', held, due: undefined })
  }
  const sent = upstream.requests.filter(({ target }) => target === path)
  t.equal(sent.length >= cases.length, true)
  t.notMatch(String(upstream.connections().map(({ bytes }) => bytes)), gateway.upstreamToken)
})
