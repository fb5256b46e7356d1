/**
 * The oracle of every attack test: T1 nothing got out, T2 the records exist, T3 the upstream saw what the records say,
 * T4 its data is unchanged, T5 the process lives. Each can be asked by itself; `assertOracle` asks all.
 */
import { isDeepStrictEqual } from 'node:util'
import { assertNoCanary, type Asserter, type Canaries } from './canaries.ts'
import { withoutSamples } from './canary-chance.ts'
import type { AuditEvent, GatewayUnderTest } from './gateway-under-test.ts'
import {
  expectationFaults,
  intentFaults,
  orderFaults,
  requestFaults,
  type RecordExpectation,
  type Sighting,
} from './oracle-faults.ts'
import { accessViews, type AccessView } from './oracle-records.ts'
import { sendRaw, type RawExchange, type RawInput, type RawOptions } from './raw-client.ts'
import type { RawUpstream } from './upstream.ts'

/** How things stood before the case. */
export interface CaseStart {
  readonly records: number
  readonly requests: number
  readonly upstreamBytes: number
  readonly state: ReadonlyMap<string, unknown>
}

/** An exchange, with the records that could be read when its first byte had arrived. */
export interface ObservedExchange extends RawExchange {
  readonly recordsAtFirstByte?: readonly AuditEvent[]
}

/** What must be true after the case. */
export interface Expectation {
  /** The access records that it adds: all of them, in order. */
  readonly records: readonly RecordExpectation[]
  /** Requests that the upstream gets. None: not a byte. */
  readonly upstreamRequests: number
  /** What the caller may see of canaries, see `CanaryScope`. Nothing of it may stand anywhere else. */
  readonly allowed?: readonly string[]
  /** Route templates of the reads that a safe write makes beside the request itself. */
  readonly reads?: readonly string[]
  /** The records of the upstream that may have changed, by key. */
  readonly changed?: readonly string[]
}

/** One case: who took part, what the caller got, and what must be true. */
export interface OracleCase {
  readonly canaries: Canaries
  readonly gateway: GatewayUnderTest
  readonly upstream: RawUpstream
  readonly start: CaseStart
  /** All that the caller got, in the order of sending. */
  readonly clientBytes: readonly (ObservedExchange | Buffer)[]
  readonly expected: Expectation
}

/** Remembers how things stand, before the case. */
export async function startCase(
  gateway: GatewayUnderTest,
  upstream: RawUpstream,
): Promise<CaseStart> {
  return {
    records: (await gateway.records()).length,
    requests: upstream.requests.length,
    upstreamBytes: bytesSeen(upstream),
    state: structuredClone(upstream.records),
  }
}

/** Sends to the gateway and reads the audit as soon as the first byte of the answer is there. */
export async function observe(
  gateway: GatewayUnderTest,
  input: RawInput,
  options: RawOptions = {},
): Promise<ObservedExchange> {
  let recordsAtFirstByte: readonly AuditEvent[] | undefined
  const exchange = await sendRaw(gateway.port, input, {
    ...options,
    onFirstByte: async () => {
      recordsAtFirstByte = await gateway.records()
      await options.onFirstByte?.()
    },
  })
  return recordsAtFirstByte === undefined ? exchange : { ...exchange, recordsAtFirstByte }
}

/** T1 to T5. */
export async function assertOracle(t: Asserter, oracleCase: OracleCase): Promise<void> {
  await assertT1(t, oracleCase)
  await assertT2(t, oracleCase)
  await assertT3(t, oracleCase)
  assertT4(t, oracleCase)
  assertT5(t, oracleCase)
}

/** T1: no piece of a canary in what the caller got, nor in logs, metrics and audit. */
export async function assertT1(t: Asserter, oracleCase: OracleCase): Promise<void> {
  const { canaries, gateway, clientBytes, expected } = oracleCase
  const scope = { where: 'answer', ...(expected.allowed && { allowed: expected.allowed }) }
  for (const got of clientBytes) {
    assertNoCanary(t, canaries, Buffer.isBuffer(got) ? got : got.bytes, scope)
    if (Buffer.isBuffer(got)) continue
    // Chunk framing or a coding may have cut a value in two on the wire.
    for (const { body } of got.answers) {
      assertNoCanary(t, canaries, body, { ...scope, where: 'answer body' })
    }
  }
  assertNoCanary(t, canaries, gateway.logs(), { where: 'log' })
  assertNoCanary(t, canaries, withoutSamples(await gateway.metrics()), { where: 'metrics' })
  assertNoCanary(t, canaries, JSON.stringify(await gateway.records()), { where: 'audit' })
}

/** T2: the records are there, before the first byte of the answer, and intents before the upstream was asked. */
export async function assertT2(t: Asserter, oracleCase: OracleCase): Promise<void> {
  const views = await addedViews(oracleCase)
  const { expected, upstream, start, clientBytes } = oracleCase
  const requests = upstream.requests.slice(start.requests)
  t.same(
    [
      ...expectationFaults(views, expected.records),
      ...orderFaults(
        clientBytes.flatMap((got) => (Buffer.isBuffer(got) ? [] : sighting(got, start))),
        views,
        expected.records.length,
      ),
      ...intentFaults(views, requests),
    ],
    [],
    'T2: the records exist in time',
  )
}

/** T3: the upstream saw the requests that the records tell of, each once, and nothing else. */
export async function assertT3(t: Asserter, oracleCase: OracleCase): Promise<void> {
  const { upstream, start, expected } = oracleCase
  const views = await addedViews(oracleCase)
  const requests = upstream.requests.slice(start.requests)
  const bytes = bytesSeen(upstream) - start.upstreamBytes
  const count = `${requests.length} requests upstream, not ${expected.upstreamRequests}`
  const none = expected.upstreamRequests === 0
  t.same(
    [
      ...(requests.length === expected.upstreamRequests ? [] : [count]),
      ...(none && bytes > 0 ? [`${bytes} bytes reached the upstream`] : []),
      ...upstream.connections().flatMap(({ fault }) => fault ?? []),
      ...upstream.connections().flatMap(({ rest }) => restFault(rest)),
      ...requestFaults(requests, views, expected.reads ?? []),
    ],
    [],
    'T3: the upstream saw what the records say',
  )
}

/** T4: what the upstream keeps is what it kept before, but for the keys that may have changed. */
export function assertT4(t: Asserter, { upstream, start, expected }: OracleCase): void {
  const keys = new Set([...start.state.keys(), ...upstream.records.keys()])
  for (const key of expected.changed ?? []) keys.delete(key)
  const changed = [...keys].filter((key) => {
    const known = start.state.has(key) === upstream.records.has(key)
    return !known || !isDeepStrictEqual(start.state.get(key), upstream.records.get(key))
  })
  t.same(changed, [], 'T4: the data upstream is unchanged')
}

/** T5: the process is alive. */
export function assertT5(t: Asserter, { gateway }: Pick<OracleCase, 'gateway'>): void {
  t.same(gateway.alive(), true, 'T5: the process is alive')
}

async function addedViews({ gateway, start }: OracleCase): Promise<readonly AccessView[]> {
  return accessViews((await gateway.records()).slice(start.records))
}

function bytesSeen(upstream: RawUpstream): number {
  return upstream.connections().reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function restFault(rest: Buffer): string[] {
  return rest.length === 0 ? [] : [`${rest.length} bytes upstream that are no whole request`]
}

function sighting(exchange: ObservedExchange, start: CaseStart): Sighting {
  const { firstByteMs, recordsAtFirstByte } = exchange
  const seen = recordsAtFirstByte && accessViews(recordsAtFirstByte.slice(start.records))
  return { firstByteMs, seen }
}
