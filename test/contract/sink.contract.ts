/** What every sink must do. Run by the tests of each implementation. */
import type { Test } from 'tap'
import type { ReadRecord } from '../../src/audit/record-codec.ts'
import { DeliveryError, type FailureKind } from '../../src/shipping/delivery-error.ts'
import type { Payload, Sink } from '../../src/shipping/sink.ts'
import { ACCESS } from '../helpers/audit-facts.ts'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { asIfRead } from '../helpers/siem/read-records.ts'

/** One way in which a receiver can fail, and be well again. */
export interface SinkFailure {
  readonly name: string
  readonly kind: FailureKind
  /** True where only its timeout ends a delivery. */
  readonly silent?: boolean
  readonly begin: () => Promise<void> | void
  readonly end: () => Promise<void> | void
}

/** A sink with its receiver, which has nothing yet. What is opened is closed when the test ends. */
export interface SinkHarness {
  /** With so long a timeout that no busy machine reaches it. */
  readonly sink: Sink
  /** The same with a short one, for failures that are silent. */
  readonly impatient: Sink
  /** Ids of the records that have arrived, in order. */
  readonly received: () => Promise<readonly string[]>
  readonly failures: readonly SinkFailure[]
  /** Texts that must stand in no error: credentials. */
  readonly secrets: readonly string[]
}

type Make = (t: Test) => Promise<SinkHarness>

const never = new AbortController().signal
/** What no error may repeat: it stands in each record. */
const CANARY = 'agent-canary-5f1e'

/** Runs the suite. `make` is called for each part of it, so that each has a receiver of its own. */
export async function sinkContract(t: Test, make: Make): Promise<void> {
  await t.test('delivers one, many, and batch after batch, in order', (t) => deliversAll(t, make))
  await t.test('delivers text that could break out of its form as it is', (t) =>
    deliversSharp(t, make),
  )
  await t.test('makes a record smaller, or says that it cannot', (t) => fits(t, make))
  await t.test('ends soon when it is told to', (t) => ends(t, make))
  await t.test('closes twice as once', async (t) => {
    const { sink } = await make(t)
    await sink.deliver(payloads(sink, 1), never)
    await sink.close()
    await sink.close()
  })
  const { failures } = await make(t)
  for (const [index, { name }] of failures.entries()) {
    await t.test(`fails, and delivers again: ${name}`, (t) => fails(t, make, index))
  }
}

async function deliversAll(t: Test, make: Make): Promise<void> {
  const { sink, received } = await make(t)
  const all = payloads(sink, 300)
  await sink.deliver(all.slice(0, 1), never)
  await sink.deliver(all.slice(1, 250), never)
  for (const one of all.slice(250)) await sink.deliver([one], never)
  t.same(
    await received(),
    all.map(({ id }) => id),
  )
}

async function deliversSharp(t: Test, make: Make): Promise<void> {
  const { sink, received } = await make(t)
  const sharp = [
    '\n{"id":"forged"}\n',
    '\r\n.\r\n',
    '\u0000',
    '\u2028',
    '😀]"\\|=',
    '12 <13>1 - - - - - - x',
  ]
  const all = sharp.map((text, index) => payloadOf(sink, index, text))
  await sink.deliver(all, never)
  t.same(
    await received(),
    all.map(({ id }) => id),
  )
}

async function fits(t: Test, make: Make): Promise<void> {
  const { sink, received } = await make(t)
  const wide = record(0, 'x', 40_000)
  const fitted = sink.encode(wide)
  t.ok(fitted, 'a record with much detail loses some')
  if (fitted === undefined) return
  await sink.deliver([{ id: wide.record.id, text: fitted.text }], never)
  t.same(await received(), [wide.record.id])
  const name = { ...wide.record, id: 'y'.repeat(300_000) }
  const { metadata } = name.event as { metadata: object }
  const head = { ...name, event: { ...name.event, metadata: { ...metadata, uid: name.id } } }
  t.equal(sink.encode(asIfRead(head)), undefined, 'one whose head is too large cannot be sent')
}

async function ends(t: Test, make: Make): Promise<void> {
  const { sink, failures } = await make(t)
  const silence = failures.find(({ silent }) => silent === true)
  if (silence === undefined) return
  await silence.begin()
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  await t.rejects(sink.deliver(payloads(sink, 3), stop.signal), {
    code: 'ERR_DELIVERY',
    message: 'The delivery was ended',
  })
  await silence.end()
}

async function fails(t: Test, make: Make, index: number): Promise<void> {
  const { sink: patient, impatient, failures, received, secrets } = await make(t)
  const failure = failures[index]
  if (failure === undefined) return
  const sink = failure.silent === true ? impatient : patient
  const all = payloads(sink, 20)
  await deliverAtLast(sink, all.slice(0, 5))
  await failure.begin()
  const error: unknown = await sink
    .deliver(all.slice(5, 10), never)
    .catch((thrown: unknown) => thrown)
  t.ok(error instanceof DeliveryError, 'it rejects with a DeliveryError')
  if (error instanceof DeliveryError) {
    t.equal(error.kind, failure.kind, error.message)
    const said = `${error.message} ${String(error.stack)} ${JSON.stringify(error)} ${String(error.cause)}`
    for (const secret of [CANARY, ...secrets]) t.notOk(said.includes(secret), 'it repeats nothing')
  }
  await failure.end()
  await deliverAtLast(sink, all.slice(5))
  const arrived = await received()
  t.same(
    arrived.filter((id, place) => arrived.indexOf(id) === place),
    all.map(({ id }) => id),
    'all have arrived, those of the failure perhaps twice',
  )
}

/** A connection that is kept may still be the broken one; and an impatient sink may be too quick on a busy machine. */
async function deliverAtLast(sink: Sink, some: readonly Payload[]): Promise<void> {
  for (;;) {
    try {
      await sink.deliver(some, never)
      return
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function payloads(sink: Sink, many: number): readonly Payload[] {
  return Array.from({ length: many }, (_, index) => payloadOf(sink, index))
}

function payloadOf(sink: Sink, index: number, text?: string): Payload {
  const read = record(index, text)
  return { id: read.record.id, text: sink.encode(read)?.text ?? '' }
}

function record(index: number, text = '', subjects = 1): ReadRecord {
  const [subject] = ACCESS.dataSubjects
  const dataSubjects = subject === undefined ? [] : Array.from({ length: subjects }, () => subject)
  const { subject: agent } = ACCESS
  const made = apiActivity({
    ...ACCESS,
    id: `019ab000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    subject: { ...agent, id: `${CANARY}${text}` },
    dataSubjects,
  })
  return asIfRead(made)
}
