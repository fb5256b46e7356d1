/**
 * Attacks as rows of a table, and how a row is run: the bytes go to the real gateway, and what comes of it is held
 * against the oracle. A row whose control does not exist yet is counted as due; what is refused today is run all the same.
 */
import type { Test } from 'tap'
import type { Reason } from '../../src/core/reasons.ts'
import { REASONS } from '../../src/core/reasons.ts'
import { LOOPBACK } from '../helpers/free-port.ts'
import { assertOracle, observe, startCase, type ObservedExchange } from '../helpers/oracle.ts'
import type { GatewayUnderTest } from '../helpers/gateway-under-test.ts'
import type { RecordExpectation } from '../helpers/oracle-faults.ts'
import type { RawInput, RawOptions } from '../helpers/raw-client.ts'
import { ticketBody, userAllowedToAgents, userBody } from '../helpers/helpdesk-answers.ts'
import { jsonAnswer, type UpstreamAnswer } from '../helpers/upstream-answers.ts'
import type { AnswerScript } from '../helpers/upstream.ts'
import type { World } from '../helpers/world.ts'
import { noteVerdict } from './verdicts.ts'

/** One attack. */
export interface Attack {
  /** Section and number of the threat model, and a letter where a number has several. */
  readonly id: string
  readonly name: string
  /** The control that does not exist yet. */
  readonly due?: string
  /** What the caller sends. Undefined: nothing, since there is nothing yet to send it to. */
  readonly send?: RawInput
  readonly options?: RawOptions
  /** What the upstream keeps when the attack begins; the script of `answer` may change it. */
  readonly state?: Readonly<Record<string, unknown>>
  /** Keys of that which may be another afterwards. */
  readonly changed?: readonly string[]
  /** Routes of the reads that a write makes of its record, beside the request itself. */
  readonly reads?: readonly string[]
  /** What the upstream answers. Undefined: the user or ticket asked for, full of canaries. */
  readonly answer?: AnswerScript | UpstreamAnswer
  /**
   * What comes back, one entry an answer. A reason stands for its status too; a number for an answer that the parser gives
   * before there is a request; `permit` for a masked answer.
   */
  readonly expect?: readonly Outcome[]
  /** True where the route writes: what goes upstream then has an intent on record. */
  readonly writes?: boolean
  /** Requests that the upstream gets. Undefined: one for each `permit` and each 502 and 504. */
  readonly upstream?: number
  /** True where the connection must be closed by the gateway. */
  readonly closed?: boolean
  /** What the caller may see. Undefined: what an agent may see of a user. */
  readonly allowed?: readonly string[]
  /** Headers that the answer may have beside those that every answer may have. */
  readonly headers?: readonly string[]
  /** True where the route lets caches of the caller keep the answer. */
  readonly mayBeCached?: boolean
  /** Anything else that must hold. */
  readonly check?: (t: Test, exchange: ObservedExchange) => void | Promise<void>
}

/** See {@link Attack.expect}. `status` differs from the reason's own where an upstream's error is passed on. */
export type Outcome =
  | 'permit'
  | number
  | Reason
  | {
      readonly reason: Reason
      readonly status: number
      readonly effect?: 'permit' | 'deny'
      /** The answer is the upstream's own, masked. */
      readonly masked?: true
    }

/** Refusals that come before the caller is known: they are counted, and have no record of their own. */
const BEFORE_SUBJECT: ReadonlySet<Reason> = new Set([
  'request-unreadable',
  'target-malformed',
  'header-malformed',
  'upgrade-refused',
  'origin-refused',
  'preflight-answered',
  'token-missing',
  'token-invalid',
  'issuer-unavailable',
  'proof-invalid',
  'proof-replayed',
  'proof-nonce-missing',
  'proofs-unavailable',
  'logout-token-invalid',
  'security-event-invalid',
])

/** Counts what a table did; `refusals` are those that the gateway must have counted, by reason. */
export interface Tally {
  run: number
  due: number
  readonly refusals: Map<string, number>
}

/** A tally with nothing in it. */
export function createTally(): Tally {
  return { run: 0, due: 0, refusals: new Map() }
}

/** Runs the rows one after the other, each as a subtest. */
export async function runAttacks(
  t: Test,
  world: World,
  attacks: readonly Attack[],
  tally: Tally = createTally(),
): Promise<Tally> {
  const ids = attacks.map(({ id, name }) => `${id} ${name}`)
  t.same(ids, [...new Set(ids)], 'no two rows have the same name')
  for (const attack of attacks) {
    const { id, due } = attack
    if (due !== undefined) tally.due += 1
    if (attack.send === undefined) {
      noteVerdict({ id, held: undefined, due })
      continue
    }
    tally.run += 1
    for (const outcome of attack.expect ?? []) countRefusal(tally, outcome)
    const ended = await t.test(`${id} ${attack.name}`, (row) => runAttack(row, world, attack))
    noteVerdict({ id, held: ended?.ok === true, due })
  }
  return tally
}

/** Says how many rows were run and how many controls are due. */
export function summarize(t: Test, { run, due }: Tally): void {
  t.comment(`attacks: ${run} run, ${due} due`)
}

/** Ends the gateway, which writes what it has counted, and holds that against the table. */
export async function assertRefusalsCounted(t: Test, world: World, tally: Tally): Promise<void> {
  t.same(await world.gateway.process.stop(), { code: 0, signal: null }, 'the gateway ends well')
  const counted = new Map<string, number>()
  for (const event of await world.gateway.records()) {
    const { reasons } = (event['unmapped'] as { celosia: { reasons?: unknown[] } }).celosia
    for (const entry of event['http_request'] === undefined ? (reasons ?? []) : []) {
      const { reason, count } = entry as { reason: string; count: number }
      counted.set(reason, (counted.get(reason) ?? 0) + count)
    }
  }
  t.same(
    Object.fromEntries([...counted].toSorted()),
    Object.fromEntries([...tally.refusals].toSorted()),
    'refusals of unknown callers are counted by reason, none is missing',
  )
}

async function runAttack(t: Test, world: World, attack: Attack): Promise<void> {
  const { upstream, canaries } = world
  const gateway = await fromNowOn(world)
  const outcomes = attack.expect ?? []
  upstream.reset()
  upstream.answer(attack.answer ?? defaultAnswer(world))
  for (const [key, value] of Object.entries(attack.state ?? {})) upstream.records.set(key, value)
  const start = await startCase(gateway, upstream)
  const exchange = await observe(gateway, attack.send ?? '', {
    answers: Math.max(1, outcomes.length),
    ...(attack.closed === true && { answers: 'until-close' as const }),
    ...attack.options,
  })
  t.same(
    exchange.answers.map(({ status }) => status),
    outcomes.map(statusOf),
    'the answers have the expected statuses',
  )
  if (attack.closed === true) t.equal(exchange.closed, true, 'the connection is closed')
  t.same(exchange.rest, Buffer.alloc(0), 'nothing follows the answers')
  await assertOracle(t, {
    canaries,
    gateway,
    upstream,
    start,
    // Records of later answers come after the first byte of the first, as they should.
    clientBytes:
      outcomes.length > 1
        ? [exchange.bytes, ...exchange.answers.map(({ body }) => body)]
        : [exchange],
    expected: {
      records: outcomes.flatMap((outcome) => [
        ...(attack.writes === true && reachesUpstream(outcome) ? [INTENT] : []),
        ...recordOf(outcome),
      ]),
      upstreamRequests:
        attack.upstream ?? outcomes.filter(reachesUpstream).length + (attack.reads ?? []).length,
      reads: attack.reads ?? [],
      changed: attack.changed ?? [],
      allowed: attack.allowed ?? userAllowedToAgents(canaries),
    },
  })
  for (const [index, answer] of exchange.answers.entries()) {
    assertBare(t, answer, attack)
    if (!isHead(attack)) assertProblem(t, answer, outcomes[index] ?? 'permit')
  }
  await attack.check?.(t, exchange)
}

/** The gateway with what it writes from now on: what it wrote before was looked at before. */
async function fromNowOn({ gateway }: World): Promise<GatewayUnderTest> {
  const { process, records } = gateway
  const recordsBefore = (await records()).length
  const loggedBefore = process.stdout().length
  return {
    ...gateway,
    records: async () => (await records()).slice(recordsBefore),
    logs: () => process.stdout().slice(loggedBefore) + process.stderr(),
  }
}

// Answers carry what the gateway says and nothing else, whatever the upstream sent.
const ANSWER_HEADERS = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'cache-control',
  'celosia-csrf',
  'celosia-kept',
  'celosia-masked',
  'celosia-notice',
  'celosia-redacted',
  'celosia-request-id',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'retry-after',
  'transfer-encoding',
  'upgrade',
  'vary',
  'www-authenticate',
  'x-content-type-options',
])

function assertBare(
  t: Test,
  answer: ObservedExchange['answers'][number],
  { headers: more = [], mayBeCached = false }: Attack,
): void {
  const names = answer.headers.map(([name]) => name.toLowerCase())
  t.same(
    names.filter((name) => !ANSWER_HEADERS.has(name) && !more.includes(name)),
    [],
    'no header of the upstream or the caller stands in the answer',
  )
  t.same(answer.trailers, [], 'there are no trailers')
  if (answer.body.length > 0 && !mayBeCached) {
    const noStore = answer.headers.some(
      ([name, value]) => name.toLowerCase() === 'cache-control' && value === 'no-store',
    )
    t.equal(noStore, true, 'the answer is not for caches')
  }
}

function isHead({ send }: Attack): boolean {
  return Buffer.isBuffer(send) && send.toString('latin1', 0, 5) === 'HEAD '
}

/** A refusal names its reason; only what the parser refuses has no body. */
function assertProblem(
  t: Test,
  answer: ObservedExchange['answers'][number],
  outcome: Outcome,
): void {
  const bare: readonly (Reason | undefined)[] = ['role-permits', 'preflight-answered']
  if (outcome === 'permit' || bare.includes(reasonOf(outcome))) return
  if (typeof outcome === 'object' && outcome.masked === true) return
  if (typeof outcome === 'number') {
    t.equal(answer.body.length, 0, 'the answer has no body')
    return
  }
  const { reason } = JSON.parse(answer.body.toString() || '{}') as { reason?: unknown }
  t.equal(reason, reasonOf(outcome), 'the problem document names the reason')
}

function countRefusal(tally: Tally, outcome: Outcome): void {
  const reason = typeof outcome === 'number' ? 'request-unreadable' : reasonOf(outcome)
  // A preflight that is answered is no refusal.
  if (reason === undefined || reason === 'preflight-answered') return
  if (!BEFORE_SUBJECT.has(reason)) return
  tally.refusals.set(reason, (tally.refusals.get(reason) ?? 0) + 1)
}

function reasonOf(outcome: Outcome): Reason | undefined {
  if (typeof outcome === 'number' || outcome === 'permit') return undefined
  return typeof outcome === 'string' ? outcome : outcome.reason
}

function statusOf(outcome: Outcome): number {
  if (typeof outcome === 'number') return outcome
  if (outcome === 'permit') return 200
  return typeof outcome === 'string' ? REASONS[outcome].status : outcome.status
}

function reachesUpstream(outcome: Outcome): boolean {
  const reason = reasonOf(outcome)
  return (
    outcome === 'permit' ||
    (reason !== undefined && /^(upstream-|overloaded|role-permits|write-conflict)/.test(reason))
  )
}

const INTENT: RecordExpectation = { phase: 'intent', effect: 'permit', status: undefined }

function recordOf(outcome: Outcome): RecordExpectation[] {
  const status = statusOf(outcome)
  if (outcome === 'permit') return [{ effect: 'permit', reason: 'role-permits', status }]
  const reason = reasonOf(outcome)
  if (reason === undefined || BEFORE_SUBJECT.has(reason)) return []
  const effect = reason === 'upstream-error' || reason === 'role-permits' ? 'permit' : 'deny'
  return [{ effect, reason, status }]
}

/** Answers a user or a ticket with one that is full of canaries, with the id that was asked for. */
export function defaultAnswer({ canaries }: World): AnswerScript {
  return ({ method, target }) => {
    const id = Number(/\/(\d+)(?:[/?]|$)/.exec(target)?.[1] ?? 7)
    const answer = jsonAnswer(
      target.includes('/tickets/') ? ticketBody(canaries, id) : userBody(canaries, id),
    )
    return method === 'HEAD' ? answer.subarray(0, answer.indexOf('\r\n\r\n') + 4) : answer
  }
}

/** A GET with a host and whatever lines are given: no more, no less. */
export function get(target: string, ...lines: readonly string[]): Buffer {
  return rawRequest(`GET ${target} HTTP/1.1`, [`Host: ${LOOPBACK}`, ...lines])
}

/** A request line and header lines as they are, in Latin-1. */
export function rawRequest(startLine: string, lines: readonly string[], body = ''): Buffer {
  return Buffer.from([startLine, ...lines, '', body].join('\r\n'), 'latin1')
}
