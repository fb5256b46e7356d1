/**
 * Tries every fault: one request with one fault each, and after it the oracle. T1 nothing got out, T2 the records were there in
 * time, T3 the upstream saw what they tell of, T5 the process lives, holds nothing, and serves the next request.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import type { Canaries } from '../canaries.ts'
import type { CallerView, FaultWorld } from './fault-world.ts'
import { settled } from './fault-world.ts'
import type { Fault, FaultPlan } from './fault-plan.ts'
import { faultsOf } from './fault-plan.ts'

/** A kind of request whose faults are tried. */
export interface FaultCase {
  readonly name: string
  /** Made anew for each request: a proof is good once. */
  readonly bytes: () => Promise<string>
  /** What a caller may see of canaries. */
  readonly allowed: readonly string[]
  /** What is wrong after the last of them was answered so; undefined: nothing. */
  readonly wrong?: (status: number) => Promise<string | undefined>
}

/** What came of one fault. */
export interface FaultResult extends Fault {
  readonly request: string
  readonly status: number
  readonly tookMs: number
  /** What is wrong; none where all holds. */
  readonly faults: readonly string[]
}

const STATUS = /^HTTP\/1\.1 (\d{3}) /
const REQUEST_ID = /\r\ncelosia-request-id: (\S+)\r\n/i
/** P2: two seconds for the stores, and what the faults themselves and a busy machine add. */
const ANSWER_MS_MAX = 2_000
const INJECTED_MS_MAX = 2_600
const BUSY_MS = 1_500
const SETTLE_MS = 8_000

export interface TryOptions {
  readonly world: FaultWorld
  readonly plan: FaultPlan
  readonly canaries: Canaries
  readonly cases: readonly FaultCase[]
  /** Which of the faults to try; all where it is left out. */
  readonly only?: (fault: Fault) => boolean
  /** How long what is not settled yet may take to be. */
  readonly settleMs?: number
  /** Told of each result. */
  readonly onResult?: (result: FaultResult) => void
}

/** Tries them one after the other. Rejects where a clean run is not clean. */
export async function tryFaults(options: TryOptions): Promise<readonly FaultResult[]> {
  const { world, cases, only = () => true } = options
  const results: FaultResult[] = []
  const crashes: string[] = []
  const onCrash = (error: unknown): void => void crashes.push(String(error))
  process.on('unhandledRejection', onCrash)
  process.on('uncaughtException', onCrash)
  try {
    for (const one of cases) {
      // The first run of a kind does what is done only once; every later one passes the same places.
      await runClean(world, one)
      const places = await placesOf(options, one)
      for (const fault of faultsOf(places).filter(only)) {
        const result = await tryOne(options, one, fault, crashes)
        results.push(result)
        options.onResult?.(result)
      }
    }
  } finally {
    process.off('unhandledRejection', onCrash)
    process.off('uncaughtException', onCrash)
  }
  return results
}

/** The places that two runs both pass: what a timer does meanwhile, such as a checkpoint, does not fall into each of them. */
async function placesOf({ world, plan }: TryOptions, one: FaultCase): Promise<readonly string[]> {
  const recorded = async (): Promise<readonly string[]> => {
    await runClean(world, one, () => plan.record())
    return plan.end().places
  }
  const first = await recorded()
  const left = [...(await recorded())]
  return first.filter((name) => {
    const at = left.indexOf(name)
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
}

async function runClean(
  world: FaultWorld,
  one: FaultCase,
  begin: () => void = () => undefined,
): Promise<void> {
  const bytes = await one.bytes()
  begin()
  const status = statusOf(await world.send(bytes))
  if (!isDone(status)) throw new Error(`${one.name}: a clean run ends with ${status}`)
  // What goes on after the answer, such as a checkpoint, is no part of it.
  await sleep(50)
}

async function tryOne(
  options: TryOptions,
  one: FaultCase,
  fault: Fault,
  crashes: string[],
): Promise<FaultResult> {
  const { world, plan, settleMs = SETTLE_MS } = options
  const before = { seen: world.upstream.seen.length, acknowledged: world.acknowledged.length }
  const bytes = await one.bytes()
  plan.inject(fault)
  const view = await world.send(bytes)
  const { struck } = plan.end()
  const faults: string[] = []
  const check = (holds: boolean, what: string): void => {
    if (!holds) faults.push(what)
  }
  // What is done beside requests asks Redis too, in its own time.
  check(struck || fault.name.startsWith('redis.'), 'the fault did not strike')
  checkAnswer(options, one, view, check)
  await checkRecords(options, view, before, check)
  const wrong = await one.wrong?.(statusOf(view))
  check(wrong === undefined, wrong ?? '')
  check(
    await settled(() => world.services.heldBytes.held() === 0, settleMs),
    `T5: ${world.services.heldBytes.held()} bytes are still held`,
  )
  check(await servesAgain(world, one, settleMs), 'T5: it does not serve again')
  check(crashes.length === 0, `T5: ${crashes.splice(0).join('; ')}`)
  return { ...fault, request: one.name, status: statusOf(view), tookMs: view.tookMs, faults }
}

type Check = (holds: boolean, what: string) => void

function checkAnswer(
  { canaries }: TryOptions,
  one: FaultCase,
  view: CallerView,
  check: Check,
): void {
  const found = canaries.find(view.bytes, { where: 'answer', allowed: one.allowed })
  check(found.length === 0, `T1: ${JSON.stringify(found)}`)
  const status = statusOf(view)
  check(view.wasCut || status > 0 || view.bytes.length === 0, 'half a status line')
  check(
    view.tookMs < ANSWER_MS_MAX + INJECTED_MS_MAX + BUSY_MS,
    `it took ${Math.round(view.tookMs)} ms`,
  )
}

async function checkRecords(
  { world, canaries, settleMs = SETTLE_MS }: TryOptions,
  view: CallerView,
  before: { readonly seen: number; readonly acknowledged: number },
  check: Check,
): Promise<void> {
  const seen = world.upstream.seen.slice(before.seen)
  check(seen.length <= 1, `T3: ${seen.length} requests upstream`)
  const added = () => world.acknowledged.slice(before.acknowledged)
  const ended = (requestId: string) =>
    added().some(({ record }) => requestOf(record) === requestId && isOutcome(record))
  for (const { method, requestId, atMs } of seen) {
    if (method !== 'GET') {
      const intent = added().find(({ record }) => phaseOf(record) === 'intent')
      check(intent !== undefined && intent.atMs <= atMs, 'T2: a write without its intent')
    }
    check(await settled(() => ended(requestId), settleMs), 'T3: no record of an outcome')
  }
  const requestId = REQUEST_ID.exec(view.bytes.toString('latin1'))?.[1]
  const status = statusOf(view)
  if (requestId !== undefined && status >= 200 && status < 300) {
    const record = added().find(
      (one) => requestOf(one.record) === requestId && isOutcome(one.record),
    )
    check(
      record !== undefined && record.atMs <= (view.firstByteMs ?? 0),
      'T2: an answer before its record',
    )
  }
  const intents = () => added().filter(({ record }) => phaseOf(record) === 'intent')
  const closed = () =>
    intents().every(({ record }) => added().some((other) => intentOf(other.record) === record.id))
  check(await settled(closed, settleMs), 'T2: an intent without its outcome')
  const text = JSON.stringify(added())
  const leaked = canaries.find(text, { where: 'audit' })
  check(leaked.length === 0, `T1: ${JSON.stringify(leaked)}`)
}

async function servesAgain(world: FaultWorld, one: FaultCase, settleMs: number): Promise<boolean> {
  const deadline = performance.now() + settleMs
  while (performance.now() < deadline) {
    if (isDone(statusOf(await world.send(await one.bytes())))) return true
    await sleep(50)
  }
  return false
}

function statusOf({ bytes }: CallerView): number {
  return Number(STATUS.exec(bytes.toString('latin1', 0, 32))?.[1] ?? 0)
}

function isDone(status: number): boolean {
  return status >= 200 && status < 400
}

function celosiaOf({ event }: AuditRecord): Record<string, unknown> {
  return (event['unmapped'] as { celosia?: Record<string, unknown> } | undefined)?.celosia ?? {}
}

function phaseOf(record: AuditRecord): unknown {
  return record.type === 'access' ? celosiaOf(record)['phase'] : undefined
}

function isOutcome(record: AuditRecord): boolean {
  return record.type === 'access' && phaseOf(record) !== 'intent'
}

function intentOf(record: AuditRecord): unknown {
  return celosiaOf(record)['intent_id']
}

function requestOf({ event }: AuditRecord): unknown {
  return (event['metadata'] as { correlation_uid?: string } | undefined)?.correlation_uid
}
