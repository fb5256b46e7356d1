/** The trial of faults finds what is wrong: gateways that break one promise each are named for it. */
import { test } from 'tap'
import type { AuditRecord } from '../../src/core/audit-record.ts'
import { createCanaries } from '../helpers/canaries.ts'
import { faultyServices } from '../helpers/faults/faulty.ts'
import { FaultPlan, faultsOf } from '../helpers/faults/fault-plan.ts'
import type { CallerView, FaultWorld } from '../helpers/faults/fault-world.ts'
import { faultTable } from '../helpers/faults/run-faults.ts'
import { tryFaults } from '../helpers/faults/try-faults.ts'

const canaries = createCanaries()
const SECRET = canaries.make('text', 'secret')

/** How a gateway breaks its promises, once a fault has struck. */
interface Breaches {
  readonly leaks?: boolean
  readonly late?: boolean
  readonly asksTwice?: boolean
  readonly forgets?: boolean
  readonly holds?: boolean
  readonly dies?: boolean
  readonly writesFirst?: boolean
  readonly open?: boolean
}

function record(requestId: string, phase: string, id: string, intent?: string): AuditRecord {
  return {
    id,
    type: 'access',
    severity: 1,
    event: {
      metadata: { correlation_uid: requestId },
      unmapped: { celosia: { phase, ...(intent !== undefined && { intent_id: intent }) } },
    },
  }
}

/** A gateway that is only a script: it writes, and answers with 200. */
function scripted(plan: FaultPlan, breaches: Breaches): FaultWorld {
  let number = 0
  let struck = false
  const acknowledged: { record: AuditRecord; atMs: number }[] = []
  const seen: { method: string; requestId: string; atMs: number }[] = []
  const acknowledge = (one: AuditRecord) =>
    acknowledged.push({ record: one, atMs: performance.now() })
  const ask = (requestId: string) =>
    seen.push({ method: 'POST', requestId, atMs: performance.now() })
  const services = { heldBytes: { held: () => (struck && breaches.holds === true ? 7 : 0) } }
  return {
    services: services as unknown as FaultWorld['services'],
    upstream: { seen, port: 0 },
    acknowledged,
    send: async (): Promise<CallerView> => {
      number += 1
      const id = `r${number}`
      if (struck && breaches.dies === true) return view('', undefined)
      await plan.at('place', async () => undefined).catch(() => (struck = true))
      const broken = struck ? breaches : {}
      if (broken.writesFirst === true) ask(id)
      await tick()
      acknowledge(record(id, 'intent', `i${number}`))
      await tick()
      if (broken.writesFirst !== true) ask(id)
      if (broken.asksTwice === true) ask(id)
      const outcome = record(id, 'outcome', `o${number}`, broken.open === true ? 'x' : `i${number}`)
      if (broken.late !== true && broken.forgets !== true) acknowledge(outcome)
      await tick()
      const firstByteMs = performance.now()
      await tick()
      if (broken.late === true) acknowledge(outcome)
      const body = broken.leaks === true ? SECRET : ''
      return view(`HTTP/1.1 200 OK\r\ncelosia-request-id: ${id}\r\n\r\n${body}`, firstByteMs)
    },
  }
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 2))

function view(text: string, firstByteMs: number | undefined): CallerView {
  return { bytes: Buffer.from(text), firstByteMs, tookMs: 1, wasCut: false }
}

async function faultsWith(breaches: Breaches): Promise<readonly string[]> {
  const plan = new FaultPlan()
  const results = await tryFaults({
    world: scripted(plan, breaches),
    plan,
    canaries,
    cases: [{ name: 'write', bytes: () => Promise.resolve(''), allowed: [] }],
    only: ({ action }) => action === 'fail',
    settleMs: 300,
  })
  return results.flatMap(({ faults }) => faults)
}

test('a gateway without fault has none, and each breach is named', async (t) => {
  t.same(await faultsWith({}), [])
  const rows: readonly (readonly [Breaches, RegExp])[] = [
    [{ leaks: true }, /^T1/],
    [{ late: true }, /T2: an answer before its record/],
    [{ writesFirst: true }, /T2: a write without its intent/],
    [{ open: true }, /T2: an intent without its outcome/],
    [{ asksTwice: true }, /T3: 2 requests upstream/],
    [{ forgets: true }, /T3: no record of an outcome/],
    [{ holds: true }, /T5: 7 bytes/],
    [{ dies: true }, /T5: it does not serve again/],
  ]
  for (const [breach, says] of rows)
    t.match((await faultsWith(breach)).join('\n'), says, JSON.stringify(breach))
})

test('a crash beside the request is named', async (t) => {
  const plan = new FaultPlan()
  const world = scripted(plan, {})
  const crashing: FaultWorld = {
    ...world,
    send: async (bytes) => {
      const got = await world.send(bytes)
      process.emit('unhandledRejection', new Error('boom'), Promise.resolve())
      return got
    },
  }
  const [result] = await tryFaults({
    world: crashing,
    plan,
    canaries,
    cases: [{ name: 'write', bytes: () => Promise.resolve(''), allowed: [] }],
    only: ({ action }) => action === 'fail',
    settleMs: 300,
  })
  t.match(result?.faults, [/T5: .*boom/])
  t.match(faultTable(result === undefined ? [] : [result]).join('\n'), /write +place +fail/)
})

test('the places are those that were passed, each with every fault', (t) => {
  const faults = faultsOf(['a', 'b', 'a'])
  t.equal(faults.length, 18)
  t.same(
    faults
      .filter(({ action }) => action === 'fail')
      .map(({ name, occurrence }) => `${name}${occurrence}`),
    ['a1', 'b1', 'a2'],
  )
  t.end()
})

test('what gives a promise is a place, found out by runs that are recorded', async (t) => {
  const plan = new FaultPlan()
  let sent = 0
  const service = faultyServices(
    {
      mail: { send: async () => (sent += 1), count: () => sent, close: async () => undefined },
      policy: { load: async () => 1 },
    } as never,
    plan,
  ) as unknown as { mail: { send: () => Promise<number>; count: () => number } }
  await service.mail.send()
  plan.record()
  await service.mail.send()
  service.mail.count()
  await service.mail.send()
  t.same(plan.end().places, ['mail.send', 'mail.send'])
  plan.inject({ name: 'mail.send', occurrence: 2, action: 'fail' })
  t.equal(await service.mail.send(), 4)
  await t.rejects(service.mail.send(), { code: 'EINJECTED' })
  t.equal(service.mail.count(), 4)
  t.ok(plan.end().struck)
})
