/** Checkpoints: when they are made, what they say, and anchors that fail and come back. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { Anchor } from '../../../src/audit/chain/anchor.ts'
import { CHECKPOINT_TYPE, claimOf } from '../../../src/audit/chain/checkpoint.ts'
import type { ChainedWriter } from '../../../src/audit/chain/chain-writer.ts'
import { createChainWriter } from '../../../src/audit/chain/chain-writer.ts'
import type { CheckpointSettings } from '../../../src/audit/chain/checkpoints.ts'
import type { PlacedRecord } from '../../../src/audit/chain/envelope.ts'
import { fileAnchor } from '../../../src/audit/chain/file-anchor.ts'
import { checkpointName } from '../../../src/audit/chain/checkpoint-name.ts'
import { folderAnchor } from '../../../src/audit/chain/folder-anchor.ts'
import { objectAnchor } from '../../../src/audit/chain/object-anchor.ts'
import { webhookAnchor } from '../../../src/audit/chain/webhook-anchor.ts'
import { apiActivity } from '../../../src/audit/api-activity.ts'
import { AuditUnavailableError } from '../../../src/audit/errors.ts'
import type { RecordStore } from '../../../src/audit/record-store.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { uuidV7 } from '../../../src/core/ids.ts'
import { createJwsVerifier } from '../../../src/keys/jws-signer.ts'
import { ACCESS, INTENT } from '../../helpers/audit-facts.ts'
import { auditRecord, auditRecords } from '../../helpers/audit-records.ts'
import { auditSettings, jwksOf, newSigner, signedCheckpoint } from '../../helpers/signed-audit.ts'

interface Stage {
  readonly writer: ChainedWriter
  readonly kept: PlacedRecord[]
  readonly notes: string[]
  readonly checkpoints: () => readonly Record<string, unknown>[]
  refusing: boolean
}

function stage(settings: Partial<CheckpointSettings> = {}): Stage {
  const kept: PlacedRecord[] = []
  const notes: string[] = []
  const store: RecordStore = {
    append: async (batch) => {
      if (result.refusing) throw new AuditUnavailableError('refused')
      kept.push(...batch)
    },
    health: () => Promise.resolve({ ok: true, problem: undefined, durability: 'strict' }),
    problem: () => undefined,
    configure: () => undefined,
    spooledBytes: () => 0,
    beat: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  const writer = createChainWriter({
    store,
    clock: systemClock,
    ids: uuidV7,
    notes: (note) => notes.push(note),
  })
  writer.configure(
    auditSettings({
      signer: undefined,
      anchors: [],
      everyRecords: 10,
      withinMs: 60_000,
      ...settings,
    }),
  )
  const checkpoints = () =>
    kept
      .filter(({ envelope }) => envelope.type === 'checkpoint')
      .map(({ eventText }) => {
        const { unmapped } = JSON.parse(eventText) as {
          unmapped: { celosia: Record<string, unknown> }
        }
        return unmapped.celosia
      })
  const result: Stage = { writer, kept, notes, checkpoints, refusing: false }
  return result
}

/** An anchor that refuses as long as it is told to. */
function moodyAnchor(): Anchor & { refusing: boolean; readonly taken: string[] } {
  const anchor = {
    name: 'test',
    refusing: false,
    taken: [] as string[],
    write: async (jws: string): Promise<void> => {
      if (anchor.refusing) throw new AuditUnavailableError('away')
      anchor.taken.push(jws)
    },
  }
  return anchor
}

test('the first comes at once, then one every so many records, and one at the end', async (t) => {
  const { writer, kept, checkpoints } = stage()
  await writer.append([auditRecord(0)])
  await until(() => checkpoints().length === 1)
  t.match(checkpoints()[0], { activity: 'checkpoint', sequence: 2, ended: false, jws: null })
  for (let i = 1; i <= 9; i += 1) await writer.append([auditRecord(i)])
  await pause(20)
  t.equal(checkpoints().length, 1)
  await writer.append([auditRecord(10)])
  await until(() => checkpoints().length === 2)
  await writer.append([auditRecord(11)])
  await writer.close()
  const all = checkpoints()
  t.equal(all.length, 3)
  const ended = kept.at(-2)
  t.match(all.at(-1), { ended: true, sequence: ended?.envelope.sequence, hash: ended?.hash })
  t.match(JSON.parse(ended?.eventText ?? ''), { status_detail: 'ended' })
  for (const { sequence, hash, writer: name } of all) {
    const named = kept.find(({ envelope }) => envelope.sequence === sequence)
    t.equal(named?.hash, hash)
    t.equal(named?.envelope.writer, name)
  }
})

test('one comes so long after the first record that none covers, and none where nothing happens', async (t) => {
  const { writer, checkpoints } = stage({ withinMs: 100 })
  await writer.append([auditRecord(0)])
  await until(() => checkpoints().length === 1)
  await pause(250)
  t.equal(checkpoints().length, 1, 'nothing happened')
  await writer.append([auditRecord(1)])
  await until(() => checkpoints().length === 2)
  await pause(250)
  t.equal(checkpoints().length, 2)
  await writer.close()
})

test('where nothing is recorded they come all the same, each of the one before it, until the end', async (t) => {
  const { writer, kept, checkpoints } = stage({ idleMs: 10 })
  await writer.append([auditRecord(0)])
  await until(() => checkpoints().length >= 4)
  await writer.close()
  const all = checkpoints()
  const envelopes = kept.map(({ envelope }) => envelope)
  for (const { sequence } of all.slice(1, 4)) {
    const named = envelopes.find((envelope) => envelope.sequence === sequence)
    t.equal(named?.type, 'checkpoint', 'nothing else was recorded')
  }
  t.match(all.at(-1), { ended: true })
  const many = kept.length
  await pause(50)
  t.equal(kept.length, many, 'none after the end')
})

test('each says from where on accesses are open', async (t) => {
  const { writer, checkpoints } = stage({ everyRecords: 1 })
  const of = (requestId: string) => ({ ...INTENT, id: uuidV7(), requestId })
  await writer.append([apiActivity(of('a'))])
  await until(() => checkpoints().length === 1)
  await writer.append([apiActivity(of('b'))])
  await until(() => checkpoints().length === 2)
  const outcome = { ...ACCESS, id: uuidV7(), requestId: 'a' }
  await writer.append([apiActivity(outcome)])
  await until(() => checkpoints().length === 3)
  const part = { phase: 'opening', window: 1, bytesBefore: 0 } as const
  await writer.append([apiActivity({ ...outcome, requestId: 'b', phase: 'outcome' })])
  await writer.append([apiActivity({ ...outcome, requestId: 'c', phase: 'opening', part })])
  await until(() => checkpoints().length >= 4)
  await pause(50)
  t.same(
    checkpoints()
      .map((claim) => claim['open_from'])
      .slice(0, 3),
    [2, 2, 4],
    'the intent of a, until its outcome is there; then that of b',
  )
  const last = checkpoints().at(-1)
  t.equal(last?.['open_from'], last?.['sequence'], 'the opening of c')
  await writer.close()
})

test('it is signed, and taken to every anchor; the first one registers the writer', async (t) => {
  const signer = newSigner()
  const anchors = [moodyAnchor(), moodyAnchor()]
  const { writer, checkpoints } = stage({ signer, anchors })
  await writer.append([auditRecord(0)])
  await until(() => anchors.every(({ taken }) => taken.length === 1))
  const verify = createJwsVerifier(jwksOf(signer))
  const [jws = ''] = anchors[0]?.taken ?? []
  const claim = claimOf(await verify(jws, CHECKPOINT_TYPE))
  const [event] = checkpoints()
  t.equal(event?.['jws'], jws)
  t.match(claim, { writer: event?.['writer'], sequence: 2, hash: event?.['hash'], ended: false })
  t.ok(writer.checkpointTimes().anchoredMs)
  await writer.close()
  t.match(claimOf(await verify(anchors[1]?.taken.at(-1) ?? '', CHECKPOINT_TYPE)), { ended: true })
})

test('an anchor that was away gets the newest; the other is not kept waiting, and it is told of', async (t) => {
  const [away, there] = [moodyAnchor(), moodyAnchor()]
  away.refusing = true
  const { writer, notes } = stage({ signer: newSigner(), anchors: [away, there], everyRecords: 1 })
  await writer.append([auditRecord(0)])
  await until(() => there.taken.length === 1)
  t.match(notes, [/not anchored: away/])
  t.equal(writer.checkpointTimes().anchoredMs, undefined)
  await writer.append([auditRecord(1)])
  await until(() => there.taken.length === 2)
  away.refusing = false
  await until(() => away.taken.length === 1, 8_000)
  t.equal(away.taken[0], there.taken[1])
  t.ok(writer.checkpointTimes().anchoredMs)
  await writer.close()
})

test('another key signs from the next checkpoint on, which comes at once', async (t) => {
  const { writer, checkpoints } = stage({ signer: newSigner() })
  await writer.append([auditRecord(0)])
  await until(() => checkpoints().length === 1)
  const signer = newSigner(2)
  writer.configure(auditSettings({ signer, anchors: [], everyRecords: 10, withinMs: 60_000 }))
  await until(() => checkpoints().length === 2)
  const verify = createJwsVerifier(jwksOf(signer))
  const [first, second] = checkpoints().map((event) => event['jws'] as string)
  t.equal(await verify(first ?? '', CHECKPOINT_TYPE), undefined)
  t.ok(await verify(second ?? '', CHECKPOINT_TYPE))
  await writer.close()
})

test('a checkpoint that the store refuses is made later, and does not press', async (t) => {
  const world = stage({ everyRecords: 1 })
  const { writer, notes, checkpoints } = world
  await writer.append(auditRecords(1))
  await until(() => checkpoints().length === 1)
  const first = writer.append(auditRecords(1, 1))
  world.refusing = true
  await first.catch(() => undefined)
  await pause(300)
  t.ok(notes.length <= 1, 'it does not try again and again', { notes })
  world.refusing = false
  await writer.append(auditRecords(1, 2))
  await until(() => checkpoints().length === 2, 8_000)
  await writer.close()
})

test('the file of an anchor is appended to, by several, for its owner only', async (t: Test) => {
  const path = join(t.testdir({}), 'anchor.jws')
  const lines = Array.from({ length: 40 }, (_, i) => `${'x'.repeat(900)}.${i}`)
  const [one, other] = [fileAnchor(path), fileAnchor(path)]
  await Promise.all(lines.map((line, i) => (i % 2 === 0 ? one : other).write(line)))
  const text = await readFile(path, 'utf8')
  t.same(text.split('\n').slice(0, -1).toSorted(), lines.toSorted())
  await rm(path)
  await t.rejects(fileAnchor(join(path, 'none')).write('x'), {
    code: 'ERR_AUDIT_UNAVAILABLE',
    message: /ENOENT|ENOTDIR/,
  })
  await writeFile(path, '')
  await chmod(path, 0o400)
  if (process.getuid?.() !== 0) await t.rejects(fileAnchor(path).write('x'), { message: /EACCES/ })
})

test('a webhook gets each checkpoint as application/jose; what is no 2xx, or late, is a refusal', async (t) => {
  const got: { type: string | undefined; key: string | undefined; body: string }[] = []
  let status = 204
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { 'content-type': type, 'x-key': key } = request.headers
      got.push({ type, key: key as string | undefined, body })
      response.writeHead(status, { location: '/elsewhere' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cr3t`
  const anchor = webhookAnchor({ url, headers: { 'x-key': 'k' } })
  await anchor.write('a.b.c')
  t.same(got, [{ type: 'application/jose', key: 'k', body: 'a.b.c' }])
  for (const other of [302, 400, 500]) {
    status = other
    const error = await anchor.write('a.b.c').catch((error: unknown) => error)
    t.match(error, { code: 'ERR_AUDIT_UNAVAILABLE', message: new RegExp(String(other)) })
    t.notMatch(String(error), /s3cr3t/)
  }
  t.equal(got.length, 4, 'redirects are not followed')
  server.close()
  server.closeAllConnections()
  const error = await anchor.write('x').catch((error: unknown) => error)
  t.match(error, { code: 'ERR_AUDIT_UNAVAILABLE', message: /cannot be reached/ })
  t.notMatch(String(error), /s3cr3t/)
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function until(condition: () => boolean, timeoutMs = 4_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await pause(5)
  }
}

test('in a folder each checkpoint is a file of its own, made once', async (t) => {
  const folder = t.testdir({})
  const anchor = folderAnchor(folder)
  const [one, other] = [await signedCheckpoint(7), await signedCheckpoint(1_000_000)]
  for (const jws of [one, other, one]) await anchor.write(jws)
  const names = (await readdir(folder)).map((name) => name.slice(36)).toSorted()
  t.same(names, ['-000000000007.jws', '-000001000000.jws'])
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  )
  t.same(texts.toSorted(), [one, other].map((jws) => `${jws}\n`).toSorted())
  await t.rejects(folderAnchor(join(folder, 'none')).write(one), { message: /ENOENT/ })
  for (const torn of ['', one.slice(0, 40)]) {
    await writeFile(join(folder, checkpointName(one)), torn)
    await t.rejects(
      anchor.write(one),
      { message: /something else/ },
      'what was cut short is not kept',
    )
  }
  for (const text of [
    '',
    'a.b.c',
    `x.${Buffer.from('{"writer":"../../x","sequence":1}').toString('base64url')}.y`,
  ])
    await t.rejects(anchor.write(text), { message: /no checkpoint/ })
})

test('in an object store each checkpoint is put below the path, before the query', async (t) => {
  const got: { method: string | undefined; path: string | undefined; body: string }[] = []
  let status = 201
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      got.push({ method: request.method, path: request.url, body })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/audit/?sig=s3cr3t`
  const anchor = objectAnchor({ url, headers: {}, clock: systemClock })
  const jws = await signedCheckpoint(12)
  await anchor.write(jws)
  t.match(got, [
    {
      method: 'PUT',
      path: /^\/bucket\/audit\/[0-9a-f-]{36}-000000000012\.jws\?sig=s3cr3t$/,
      body: jws,
    },
  ])
  status = 403
  const error = await anchor.write(jws).catch((error: unknown) => error)
  t.match(error, { code: 'ERR_AUDIT_UNAVAILABLE', message: /403/ })
  t.notMatch(String(error), /s3cr3t/)
})
