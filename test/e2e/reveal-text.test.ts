/** Reasons in the caller's own words: refused with personal data in them, on record encrypted, read by who has the key. */
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { runHere } from '../helpers/program.ts'
import { request } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'

const CLASSES = 'classes=(payment.card), reason="refund 8123"'

test('a text beside the code of a reason', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const folder = t.testdir()
  const keyFile = join(folder, 'officer.pem')
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const other = generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeFileSync(join(folder, 'other.pem'), other)
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const world = await startWorld(t, {
    change: (policy: PolicyDocument) => ({
      ...policy,
      reveal: {
        ...policy.reveal,
        freeText: { scan: ['contact.email', 'contact.phone', 'payment.card'], key },
      },
    }),
  })
  const { gateway, upstream, canaries } = world
  upstream.answer(jsonAnswer(userBody(canaries)))
  const token = await world.token({ roles: ['lead'], subject: 'lea' })
  const ask = (reveal: string) =>
    request(gateway.port, {
      path: '/api/v2/users/7',
      token,
      headers: [['celosia-reveal', reveal]],
    })
  const reasonOf = async (reveal: string) => {
    const { status, body } = await ask(reveal)
    return [status, (JSON.parse(body.toString()) as { reason?: string }).reason]
  }

  await t.test('is taken, and nobody reads it on the way', async (t) => {
    t.equal((await ask(`${CLASSES}, text="Disputes the charge of May"`)).status, 200)
    t.equal((await ask(`${CLASSES}, text=%"Doppelt gez%c3%a4hlt"`)).status, 200)
    const records = JSON.stringify(await gateway.records())
    t.match(records, /"text":"eyJ[^"]{200,}"/)
    const everything = records + gateway.process.stdout() + (await gateway.metrics())
    for (const word of ['Disputes', 'Doppelt', 'gez']) t.notOk(everything.includes(word), word)
  })
  await t.test('is refused with personal data in it, and nothing of it is kept', async (t) => {
    const before = upstream.requests.length
    for (const text of [
      'Mail from jane.roe@example.com',
      'Mail from jane (at) example.com',
      'Card 4111 1111 1111 1111',
      'Call +34 612 345 678',
    ])
      t.same(await reasonOf(`${CLASSES}, text="${text}"`), [400, 'reveal-text-refused'], text)
    t.equal(upstream.requests.length, before)
    const records = JSON.stringify(await gateway.records())
    for (const word of ['jane', '4111', '612 345']) t.notOk(records.includes(word), word)
  })
  await t.test('stands for no code, and has one spelling', async (t) => {
    t.same(await reasonOf('classes=(payment.card), text="Because"'), [400, 'reveal-reason-missing'])
    for (const bad of [
      'text=""',
      'text=" x"',
      'text=x',
      'text=%"%0a"',
      `text="${'x'.repeat(501)}"`,
    ])
      t.same(await reasonOf(`${CLASSES}, ${bad}`), [400, 'reveal-malformed'], bad.slice(0, 20))
  })
  await t.test('is read by who has the key', async (t) => {
    const run = (...args: readonly string[]) =>
      runHere(['audit', 'reasons', '--journal', gateway.journal, ...args], {
        env: gateway.environment,
      })
    const { code, stdout } = await run('--key', keyFile)
    t.equal(code, 0)
    const lines = stdout.trim().split('\n')
    t.match(lines, [
      /lea {2}payment\.card {2}refund 8123 {2}Disputes the charge of May$/,
      /refund 8123 {2}Doppelt gezählt$/,
    ])
    t.equal(lines.length, 2)
    const json = await run('--key', keyFile, '--format', 'json', '--agent', 'lea')
    t.match(JSON.parse(json.stdout.split('\n')[0] ?? ''), {
      agent: 'lea',
      classes: ['payment.card'],
      reason: 'refund',
      ticket: '8123',
      text: 'Disputes the charge of May',
    })
    t.equal((await run('--key', keyFile, '--agent', 'leo')).stdout, '')
    const foreign = await run('--key', join(folder, 'other.pem'))
    t.match(foreign.stdout, /\(encrypted for another key\)/)
    t.notMatch(foreign.stdout, /Disputes/)
    t.equal((await run('--key', join(folder, 'none.pem'))).code, 2)
    t.equal((await run('--key', gateway.policyFile)).code, 5)
    t.equal((await run()).code, 2)
    const args = ['--config', gateway.policyFile, '--journal', gateway.journal]
    const told = await runHere(['audit', 'subject', '7', '--kind', 'user', ...args], {
      env: gateway.environment,
    })
    t.match(told.stdout, /role-permits, reveal refund 8123/, 'also to who asks about the person')
  })
})

test('where the policy asks for no texts, none is taken', async (t) => {
  const { gateway, token } = await startWorld(t)
  const { status, body } = await request(gateway.port, {
    path: '/api/v2/users/7',
    token: await token({ roles: ['lead'] }),
    headers: [['celosia-reveal', `${CLASSES}, text="Disputes the charge"`]],
  })
  t.equal(status, 400)
  t.match(JSON.parse(body.toString()), { reason: 'reveal-malformed' })
  t.notOk(JSON.stringify(await gateway.records()).includes('Disputes'))
})
