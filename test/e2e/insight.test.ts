/** What an audit tells of what agents need: what was shown and used, and what is granted and never used. */
import { test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { runHere } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer, statusAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'

test('who was shown what, who used it, and who never did', async (t) => {
  const world = await startWorld(t)
  const { gateway, upstream, canaries } = world
  const answer = (target: string) =>
    jsonAnswer(userBody(canaries, Number(target.split('/').at(-1))))
  upstream.answer(({ target }) => answer(target))
  const look = async (subject: string, role: string, path = '/api/v2/users/7', reveal = '') => {
    const token = await world.token({ subject, roles: [role] })
    const headers = reveal === '' ? [] : ([['celosia-reveal', reveal]] as const)
    return (await request(gateway.port, { path, token, headers })).status
  }
  const usage = async (...args: readonly string[]) => {
    const given = ['--config', gateway.policyFile, '--journal', gateway.journal, ...args]
    return runHere(['insight', 'usage', ...given], { env: gateway.environment })
  }
  const lines = async (...args: readonly string[]) => {
    const { stdout, code } = await usage('--format', 'json', ...args)
    t.equal(code, 0)
    const all = stdout.trim().split('\n')
    return all.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  await look('agent-1', 'agent')
  await look('agent-2', 'agent')
  await look('lead-1', 'lead', '/api/v2/users/8', 'classes=(id.national), reason="refund 8123"')
  upstream.answer(statusAnswer(404))
  await look('agent-1', 'agent', '/api/v2/users/search?query=email%3Aa@x.example')
  await look('agent-1', 'nobody')

  const byRole = await lines()
  const of = (who: string, name: string) =>
    byRole.find((line) => line['who'] === who && line['class'] === name)
  t.match(of('agent', 'person.name'), { granted: 'show', shown: 2, agents: 2, unused: false })
  t.match(of('agent', 'contact.email'), {
    granted: 'none',
    shown: 0,
    masked: 2,
    searched: 1,
    agents: 1,
    unused: false,
  })
  t.match(of('lead', 'id.national'), { granted: 'reveal', revealed: 1, agents: 1 })
  t.match(of('lead', 'payment.card'), { granted: 'reveal', masked: 1, agents: 0, unused: true })
  t.match(of('billing', 'payment.card'), { granted: 'show', agents: 0, last: null, unused: true })
  t.notOk(
    byRole.some((line) => line['who'] === 'nobody'),
    'a role that the policy does not know is none',
  )

  const register = await runHere(
    'insight register --format json --from 2026-01-01 --config'
      .split(' ')
      .concat(gateway.policyFile, '--journal', gateway.journal),
    { env: gateway.environment },
  )
  const { access, audit } = JSON.parse(register.stdout) as {
    readonly access: readonly Record<string, unknown>[]
    readonly audit: object
  }
  t.same(audit, { from: '2026-01-01T00:00:00.000Z', to: null })
  const useOf = (role: string, name: string) =>
    access.find((row) => row['role'] === role && row['class'] === name)?.['use']
  t.match(useOf('agent', 'person.name'), { shown: 2, accesses: 2, agents: 2, unused: false })
  t.match(useOf('lead', 'id.national'), { revealed: 1, agents: 1, unused: false })
  t.match(useOf('billing', 'payment.card'), { accesses: 0, last: null, unused: true })

  const byAgent = await lines('--by', 'agent')
  t.match(
    byAgent.find((line) => line['who'] === 'agent-2' && line['class'] === 'person.name'),
    { granted: null, shown: 1, agents: 1 },
  )
  const table = await usage()
  t.match(table.stdout, /granted, and never used in this time:\nwho +class +granted\nbilling/)
  t.same(await lines('--by', 'agent', '--to', '2020-01-01').catch(() => []), [])
  t.equal((await usage('--by', 'team')).code, 2)
  t.equal((await usage('--format', 'xml')).code, 2)
})
