/** Callers that go away, upstreams and issuers that come and go, a journal that cannot be written. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { assertNoCanary } from '../helpers/canaries.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { accessViews } from '../helpers/oracle-records.ts'
import { header, request, sendRaw, requestBytes } from '../helpers/raw-client.ts'
import { startProcess } from '../helpers/process.ts'
import { dripAnswer, jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, withTimeouts, type World } from '../helpers/world.ts'

const ANSWER_TIMEOUT_MS = 1_500
const PARALLEL = 500
const PATH = '/api/v2/users/7'

test('callers, upstreams and issuers come and go', async (t) => {
  const world = await startWorld(t, {
    change: (policy) =>
      withTimeouts(policy, { connect: '500ms', answer: `${ANSWER_TIMEOUT_MS}ms` }),
  })
  const token = await world.token()
  const answer = jsonAnswer(userBody(world.canaries))
  const secret = world.canaries.make('text', 'streamed')
  const longAnswer = () => jsonAnswer({ user: { id: 7, unlisted: Array(100_000).fill(secret) } })

  await t.test(
    'K116 a caller who goes while the upstream is thinking is on record',
    async (row) => {
      world.upstream.answer(async () => {
        await pause(300)
        return answer
      })
      await assertAborted(row, world, token, 100)
    },
  )
  await t.test('K116 a caller who goes while the body is coming is on record', async (row) => {
    world.upstream.answer(() => dripAnswer(answer, { chunkBytes: 100, everyMs: 60 }))
    await assertAborted(row, world, token, 200)
  })
  await t.test('K116 a caller who goes at once', async (row) => {
    world.upstream.answer(answer)
    const before = accessViews(await world.gateway.records()).length
    const bytes = requestBytes(world.gateway.port, { path: PATH, token })
    await sendRaw(world.gateway.port, bytes, { abortAfterMs: 0 })
    const added = async () => accessViews(await world.gateway.records()).slice(before)
    await pause(200)
    row.ok((await added()).length <= 1, 'with one record, or none where the request was not seen')
    await assertNothingHeld(row, world)
  })
  await t.test('a caller who goes amid windows: a closing record says so', async (row) => {
    const before = accessViews(await world.gateway.records()).length
    world.upstream.answer({ bytes: longAnswer().subarray(0, 2_000_000), after: 'hang' })
    const bytes = requestBytes(world.gateway.port, { path: PATH, token })
    const got = await sendRaw(world.gateway.port, bytes, { abortAfterMs: 1_000 })
    row.ok(got.bytes.length > 0 && got.answers.length <= 1, 'a part has left')
    const added = async () => accessViews(await world.gateway.records()).slice(before)
    await until(async () =>
      (await added()).some(({ reasons }) => reasons.includes('request-aborted')),
    )
    row.match((await added()).at(-1), { effect: 'deny', reasons: ['request-aborted'] })
    await assertNothingHeld(row, world)
  })
  await t.test('C37 a stream that is broken midway ends the connection', async (row) => {
    const before = accessViews(await world.gateway.records()).length
    const broken = longAnswer()
    broken.write('}', broken.length - 3)
    world.upstream.answer(broken)
    const got = await request(world.gateway.port, { path: PATH, token })
    row.equal(got.complete, false, 'the caller can tell that it is not whole')
    assertNoCanary(row, world.canaries, got.bytes, { where: 'answer' })
    const views = accessViews(await world.gateway.records()).slice(before)
    row.match(views.at(-1), { effect: 'deny', reasons: ['upstream-body-refused'] })
    await assertNothingHeld(row, world)
  })
  await t.test('L128 many at a time, half of whom go', async (row) => {
    world.upstream.answer(async () => {
      await pause(20)
      return answer
    })
    const before = accessViews(await world.gateway.records()).length
    const bytes = requestBytes(world.gateway.port, { path: PATH, token })
    const exchanges = await Promise.all(
      Array.from({ length: PARALLEL }, (_, i) =>
        sendRaw(world.gateway.port, bytes, {
          timeoutMs: 20_000,
          ...(i % 2 === 1 && { abortAfterMs: i }),
        }),
      ),
    )
    const stayed = exchanges.filter((_, i) => i % 2 === 0)
    row.same([...new Set(stayed.map(({ status }) => status))], [200], 'who stays is answered')
    await assertNothingHeld(row, world)
    const views = accessViews(await world.gateway.records()).slice(before)
    const permits = views.filter(({ effect }) => effect === 'permit').length
    row.ok(permits >= stayed.length, 'each answer has a record')
    row.ok(views.length <= PARALLEL, 'no request has two')
    row.equal(
      views.length - permits,
      views.filter(({ reasons }) => reasons.includes('request-aborted')).length,
    )
  })
  await t.test('C37 an upstream that goes and comes back', async (row) => {
    world.upstream.answer('reset')
    row.equal((await request(world.gateway.port, { path: PATH, token })).status, 502)
    row.equal(world.upstream.requests.filter(({ target }) => target === PATH).length > 0, true)
    const asked = world.upstream.requests.length
    world.upstream.answer('reset')
    await request(world.gateway.port, { path: PATH, token })
    row.equal(world.upstream.requests.length, asked + 1, 'nothing is tried twice')
    world.upstream.answer(answer)
    row.equal((await request(world.gateway.port, { path: PATH, token })).status, 200)
  })
  await t.test('a 503 of the upstream is not tried again', async (row) => {
    const asked = world.upstream.requests.length
    world.upstream.answer(jsonAnswer('{}', { status: 503, headers: [['retry-after', '0']] }))
    row.equal((await request(world.gateway.port, { path: PATH, token })).status, 502)
    row.equal(world.upstream.requests.length, asked + 1)
  })
  await t.test('asked to end, it finishes what is under way', async (row) => {
    world.upstream.answer(async () => {
      await pause(400)
      return answer
    })
    const under = request(world.gateway.port, { path: PATH, token })
    await pause(150)
    world.gateway.process.signal('SIGTERM')
    row.equal((await under).status, 200)
    row.same(await world.gateway.process.exit, { code: 0, signal: null })
  })
})

test('an issuer that is down at the start', async (t) => {
  const world = await startWorld(t, { issuerMode: 'error' })
  world.upstream.answer(jsonAnswer(userBody(world.canaries)))
  const token = await world.token()
  const refused = await request(world.gateway.port, { path: PATH, token })
  t.equal(refused.status, 503)
  t.match(refused.body.toString(), /"reason":"issuer-unavailable"/)
  t.ok(header(refused, 'retry-after'), 'and says when to ask again')
  t.match(await world.gateway.readiness(), { ready: false, problems: [/issuer/] })
  t.equal(world.upstream.requests.length, 0)
  await world.issuer.setMode('ok')
  await until(async () => (await world.gateway.readiness()).ready)
  t.equal(
    (await request(world.gateway.port, { path: PATH, token })).status,
    200,
    'it recovers by itself',
  )

  await t.test('a second gateway on the same journal does not start', async (row) => {
    const second = await serve(row, world, world.gateway.journal)
    row.equal(second.code, 5)
    row.match(second.stderr, /ERR_AUDIT_UNAVAILABLE/)
  })
  await t.test('a journal that cannot be made does not start', async (row) => {
    const directory = await mkdtemp(join(tmpdir(), 'celosia-no-journal-'))
    row.teardown(() => rm(directory, { recursive: true }))
    const file = join(directory, 'file')
    await writeFile(file, 'x')
    const { code, stderr } = await serve(row, world, join(file, 'journal'))
    row.equal(code, 5)
    row.match(stderr, /journal cannot be opened \(ENOTDIR\)/)
  })
  await t.test('a journal that is taken away: nothing leaves any more', async (row) => {
    await rm(world.gateway.journal, { recursive: true })
    const deadline = performance.now() + 20_000
    let status = 200
    while (status === 200 && performance.now() < deadline) {
      await pause(100)
      status = (await request(world.gateway.port, { path: PATH, token })).status
    }
    row.equal(status, 503)
  })
})

async function assertAborted(t: Test, world: World, token: string, afterMs: number): Promise<void> {
  const before = accessViews(await world.gateway.records()).length
  const bytes = requestBytes(world.gateway.port, { path: PATH, token })
  const { ending } = await sendRaw(world.gateway.port, bytes, { abortAfterMs: afterMs })
  t.equal(ending, 'abort')
  const added = async () => accessViews(await world.gateway.records()).slice(before)
  await until(async () => (await added()).length > 0)
  t.match(await added(), [{ effect: 'deny', reasons: ['request-aborted'], status: 499 }])
  await pause(ANSWER_TIMEOUT_MS / 2)
  t.equal((await added()).length, 1, 'there is one record, also once the upstream has answered')
  await assertNothingHeld(t, world)
}

/** The budget of all bodies is given back whole, however a request ended. */
async function assertNothingHeld(t: Test, world: World): Promise<void> {
  const held = async () =>
    Number(/^celosia_held_bytes (\S+)$/m.exec(await world.gateway.metrics())?.[1])
  await until(async () => (await held()) === 0)
  t.equal(await held(), 0, 'no byte of a body is held any more')
}

async function serve(t: Test, world: World, journal: string) {
  const options = [
    '--config',
    world.gateway.policyFile,
    '--port',
    '0',
    '--admin-port',
    '0',
    '--journal',
    journal,
  ]
  const running = await startProcess(t, process.execPath, ['bin/celosia.js', 'serve', ...options], {
    env: world.gateway.environment,
  })
  const { code } = await running.exit
  return { code, stderr: running.stderr() }
}

async function until(condition: () => Promise<boolean>, timeoutMs = 5_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition()) && performance.now() < deadline) await pause(50)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
