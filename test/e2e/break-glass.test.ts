/** Break-glass on the real listener: asked for by one, approved by another, used, ended, reviewed; and all of it on record. */
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { runHere } from '../helpers/program.ts'
import { header, request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

const PATH = '/api/v2/users/7'
const WAIT_MS = 20_000

function makeApprover() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
}

interface Stage extends World {
  readonly run: (
    ...args: readonly string[]
  ) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
  readonly keyFile: string
}

async function stage(t: Test): Promise<Stage> {
  const dana = makeApprover()
  const folder = t.testdir()
  const keyFile = join(folder, 'dana.pem')
  writeFileSync(keyFile, dana.pem)
  writeFileSync(join(folder, 'other.pem'), makeApprover().pem)
  const change = (policy: PolicyDocument): PolicyDocument => ({
    ...policy,
    reveal: { ...policy.reveal, approvers: { dana: { key: dana.key, subject: 'dana' } } },
    roles: {
      ...policy.roles,
      agent: {
        ...policy.roles['agent'],
        breakGlass: {
          classes: ['text.note', 'id.national'],
          for: '2h',
          justification: 'Emergencies',
        },
      },
    },
  })
  const world = await startWorld(t, { change })
  world.upstream.answer(jsonAnswer(userBody(world.canaries)))
  const { gateway } = world
  const store = ['--config', gateway.policyFile, '--journal', gateway.journal]
  return {
    ...world,
    keyFile,
    run: (...args) => runHere(['grant', ...args, ...store], { env: gateway.environment }),
  }
}

test('asked for, approved, used, ended and reviewed', async (t) => {
  const { gateway, canaries, token, run, keyFile } = await stage(t)
  const note = canaries.make('text', 'user.national_id')
  const ann = await token({ subject: 'ann' })
  const asked = await run(
    ...'request --subject ann --classes id.national --for 1h --by bob --reason'.split(' '),
    'identity-check 8123',
  )
  t.equal(asked.code, 0, asked.stderr)
  const id = asked.stdout.trim()
  const ask = async (who: string, classes = 'id.national') =>
    request(gateway.port, {
      path: PATH,
      token: who,
      headers: [['celosia-reveal', `classes=(${classes}), grant="${id}"`]],
    })
  /** Asks until the status is that, since the log is looked at twice a second. */
  const until = async (who: string, status: number) => {
    const deadline = performance.now() + WAIT_MS
    let answer = await ask(who)
    while (answer.status !== status && performance.now() < deadline) {
      await sleep(50)
      answer = await ask(who)
    }
    return answer
  }
  t.equal((await until(ann, 403)).status, 403, 'not approved yet')
  t.match((await run('list')).stdout, `${id}  requested  ann  id.national  identity-check 8123`)

  const approved = await run('approve', id, '--approver', 'dana', '--key', keyFile)
  t.equal(approved.code, 0, approved.stderr)
  t.match(approved.stdout, /^approved: ann may see id\.national until /)
  const used = await until(ann, 200)
  t.equal(used.status, 200)
  t.ok(used.body.includes(note))
  t.equal(header(used, 'celosia-revealed'), 'id.national;n=1')
  t.equal((await ask(await token({ subject: 'eve' }))).status, 403, 'for her only')
  t.equal((await ask(ann, 'text.note')).status, 403, 'for that class only')
  t.equal(
    (await ask(await token({ subject: 'ann', roles: ['lead'] }))).status,
    403,
    'for that role only',
  )
  const plain = await request(gateway.port, { path: PATH, token: ann })
  t.notOk(plain.body.includes(note), 'and only where it is asked for')

  t.match((await run('list', '--to-review')).stdout, `${id}  active  ann`)
  t.equal((await run('revoke', id, '--by', 'dana')).code, 0)
  t.equal((await until(ann, 403)).status, 403, 'ended')
  t.match(
    (await run('list', '--to-review')).stdout,
    `${id}  revoked`,
    'what was done still wants to be looked at',
  )
  t.equal((await run('review', id, '--by', 'carol')).code, 0)
  t.equal((await run('list', '--to-review')).stdout, '')
  t.match(JSON.parse((await run('list', '--json')).stdout), {
    id,
    state: 'revoked',
    approver: 'dana',
    requestedBy: 'bob',
    revokedBy: 'dana',
    reviewedBy: 'carol',
  })

  const records = await gateway.records()
  const own = (event: object) =>
    (event as { unmapped?: { celosia?: Record<string, unknown> } }).unmapped?.celosia ?? {}
  const use = records.find(
    (event) => (own(event)['reveal'] as { approver?: string } | undefined)?.approver === 'dana',
  )
  t.match(own(use ?? {}), {
    reveal: {
      classes: ['id.national'],
      reason: 'identity-check',
      ticket: '8123',
      grant: id,
      approver: 'dana',
    },
    decision: 'permit',
  })
  const finding = records.find((event) => own(event)['rule'] === 'reveal')
  t.match(finding, { severity_id: 3, unmapped: { celosia: { grant: id } } })
  const deadline = performance.now() + WAIT_MS
  const said = async () =>
    (await gateway.records()).filter(
      (event) => own(event)['grant'] === id && own(event)['activity'] !== undefined,
    )
  while ((await said()).length < 4 && performance.now() < deadline) await sleep(50)
  t.same(
    (await said()).map((event) => own(event)['activity']),
    ['requested', 'approved', 'revoked', 'reviewed'],
  )
})

test('what could be granted to nobody, or by nobody, is refused', async (t) => {
  const { run, keyFile } = await stage(t)
  const ask = (changes: Readonly<Record<string, string>> = {}) => {
    const options = {
      subject: 'ann',
      classes: 'id.national',
      for: '1h',
      reason: 'identity-check 8123',
      by: 'bob',
      ...changes,
    }
    return run(
      'request',
      ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    )
  }
  for (const changes of [
    { classes: 'contact.email' },
    { classes: 'nothing.known' },
    { for: '3h' },
    { for: 'ever' },
    { reason: 'curious 1' },
    { reason: 'identity-check' },
    { reason: 'identity-check Jane' },
    { by: 'Bob & Co' },
    { issuer: 'https://other.example' },
    { subject: '' },
  ])
    t.equal((await ask(changes)).code, 2, JSON.stringify(changes))
  const own = (await ask({ subject: 'dana' })).stdout.trim()
  const byDana = (await ask({ by: 'dana' })).stdout.trim()
  const id = (await ask()).stdout.trim()
  const other = keyFile.replace('dana.pem', 'other.pem')
  for (const [args, says, code] of [
    [['approve', own, '--approver', 'dana', '--key', keyFile], /nobody approves for themselves/, 2],
    [['approve', byDana, '--approver', 'dana', '--key', keyFile], /or what they asked for/, 2],
    [['approve', id, '--approver', 'eve', '--key', keyFile], /--approver is one of dana/, 2],
    [['approve', id, '--approver', 'dana', '--key', other], /not the one that the policy has/, 5],
    [['approve', id, '--approver', 'dana', '--key', `${keyFile}.none`], /cannot be read/, 2],
    [
      ['approve', '019ab000-0000-7000-8000-000000000001', '--approver', 'dana', '--key', keyFile],
      /there is no grant/,
      2,
    ],
    [['approve', '--approver', 'dana', '--key', keyFile], /one grant is named/, 2],
    [['review', id, '--by', 'carol'], /never approved/, 2],
  ] as const) {
    const ended = await run(...args)
    t.equal(ended.code, code, args.join(' ').slice(0, 60))
    t.match(ended.stderr, says)
  }
  t.equal((await run('revoke', id, '--by', 'bob')).code, 0)
  t.match((await run('approve', id, '--approver', 'dana', '--key', keyFile)).stderr, /was revoked/)
})

test('an answer that is under way when its grant ends does not leave', async (t) => {
  const { gateway, canaries, token, upstream, run, keyFile } = await stage(t)
  const note = canaries.make('text', 'user.national_id')
  const ann = await token({ subject: 'ann' })
  const asked = await run(
    ...'request --subject ann --classes id.national --for 1h --by bob --reason'.split(' '),
    'identity-check 8123',
  )
  const id = asked.stdout.trim()
  t.equal((await run('approve', id, '--approver', 'dana', '--key', keyFile)).code, 0)
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const slow = async function* (): AsyncGenerator<Buffer> {
    begun.resolve()
    await ended.promise
    yield jsonAnswer(userBody(canaries, 8))
  }
  upstream.answer(({ target }) =>
    target.endsWith('/8') ? slow() : jsonAnswer(userBody(canaries, 7)),
  )
  const ask = (path: string) =>
    request(gateway.port, {
      path,
      token: ann,
      headers: [['celosia-reveal', `classes=(id.national), grant="${id}"`]],
    })
  const untilStatus = async (status: number) => {
    const deadline = performance.now() + WAIT_MS
    while ((await ask(PATH)).status !== status && performance.now() < deadline) await sleep(50)
  }
  await untilStatus(200)
  const waiting = ask('/api/v2/users/8')
  await begun.promise
  t.equal((await run('revoke', id, '--by', 'dana')).code, 0)
  await untilStatus(403)
  ended.resolve()
  const answer = await waiting
  t.equal(answer.status, 403)
  t.match(answer.body.toString(), 'grant-invalid')
  t.notOk(answer.body.includes(note))
})
