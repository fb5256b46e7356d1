/** What an audit tells of what agents need: what was shown and used, and what is granted and never used. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

  const registerAs = (format: string) =>
    runHere(
      `insight register --format ${format} --from 2026-01-01 --config`
        .split(' ')
        .concat(gateway.policyFile, '--journal', gateway.journal),
      { env: gateway.environment },
    )
  const register = await registerAs('json')
  const { access, audit } = JSON.parse(register.stdout) as {
    readonly access: readonly Record<string, unknown>[]
    readonly audit: object
  }
  t.match(audit, { from: '2026-01-01T00:00:00.000Z', to: null })
  t.match(audit, { first_record: /^\d{4}-.*Z$/, last_record: /^\d{4}-.*Z$/ })
  t.match(
    (await registerAs('markdown')).stdout,
    /\n- Audit: from 2026-01-01\S+ to now; the records of this time are from \S+Z to \S+Z; what was not/,
  )
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
  const recorded = /the records of this time are from \S+Z to \S+Z; what was not recorded/
  t.match(table.stderr, recorded)
  t.match(register.stderr, recorded)
  t.match((await usage('--to', '2020-01-01')).stderr, /there is no record of this time/)
  t.same(await lines('--by', 'agent', '--to', '2020-01-01').catch(() => []), [])
  t.equal((await usage('--by', 'team')).code, 2)
  t.equal((await usage('--format', 'xml')).code, 2)
})

test('personal data in a field that no line names is counted without values, and comes into a patch', async (t) => {
  const world = await startWorld(t, {
    change: (shipped) => ({
      ...shipped,
      audit: { ...shipped.audit, sampleUnlisted: { oneIn: 1 } },
      routes: [
        {
          match: 'GET /open/{id:integer}',
          upstream: 'helpdesk',
          unlisted: 'show',
          fixture: 'open.json',
        },
        ...shipped.routes,
      ],
    }),
    files: { 'open.json': '{"user":{"id":1,"alias":"x"}}' },
  })
  const { gateway, upstream, canaries } = world
  const alias = canaries.make('email', 'alias')
  upstream.answer(() => jsonAnswer({ user: { id: 7, alias, [alias]: 'x', tags: [alias] } }))
  const token = await world.token({ roles: ['agent'] })
  for (const id of [7, 8, 9]) {
    const { status, body } = await request(gateway.port, { path: `/open/${id}`, token })
    t.equal(status, 200)
    t.ok(body.includes(alias), 'it is shown: the policy says so')
  }
  const records = await gateway.records()
  t.notOk(JSON.stringify(records).includes(alias), 'and on no record')
  const sampled = records.filter((record) => JSON.stringify(record).includes('unlisted_sample'))
  t.equal(sampled.length, 3)

  const times = records.map(({ time }) => Number(time))
  const given = ['--config', gateway.policyFile, '--journal', gateway.journal]
  const nowMs = Date.now()
  const span = [
    '--to',
    new Date(nowMs).toISOString(),
    '--unused',
    `${nowMs - Math.min(...times)}ms`,
  ]
  const folder = await mkdtemp(join(tmpdir(), 'celosia-unlisted-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const patch = join(folder, 'patch')
  const { code, stdout, stderr } = await runHere(
    ['insight', 'suggest', ...given, ...span, '--format', 'json', '--patch', patch],
    { env: gateway.environment },
  )
  t.equal(code, 0, stderr)
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ kind }) => kind === 'unlisted-data')
  t.match(found, [
    {
      route: 'GET /open/{id:integer}',
      class: 'contact.email',
      proposal: '$.user.alias is of contact.email',
      evidence: 'found in 3 of 3 sampled answers',
      patched: true,
    },
    { proposal: '$.user[*][*] is of contact.email', patched: false, left: /not told/ },
  ])
  t.match(
    await readFile(patch, 'utf8'),
    /^\+ +fields: \{ contact\.email: \$\.user\.alias \}$|contact\.email: "?\$\.user\.alias/m,
  )
  t.notOk((await readFile(patch, 'utf8')).includes(alias))
})
