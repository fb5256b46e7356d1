/** The state of one request on its way: declared here, and nowhere else. */
import type { IncomingMessage } from 'node:http'
import type { AuditedTerm, InboundChange, StreamPart, UncheckedPart } from '../core/audit-facts.ts'
import type { UnlistedSample } from '../core/unlisted-sample.ts'
import type { Reason } from '../core/reasons.ts'
import type { ClientCertificate } from '../identity/client-certificate.ts'
import type { Subject } from '../identity/subject.ts'
import type { ExposureReport, Route, RouteMasking } from '../rules/compiled-policy.ts'
import type { AmbientTrust } from '../rules/trust.ts'
import type { Purpose } from '../rules/purpose/purpose.ts'
import type { Pairs } from '../rules/request/pairs.ts'
import type { RouteMatch } from '../rules/routing/route-table.ts'
import type { Crossing, HeldLookups } from './detect/counted.ts'
import type { RequestBody } from './request/body.ts'
import type { Target } from '../rules/request/target.ts'
import type { RecordWrite } from './request/hold-write.ts'
import type { Reveal } from './reveals.ts'

/** A window on its way, with the id of its record. */
export interface WindowPart extends StreamPart {
  readonly recordId: string
}

/** A request that the gateway asks itself. */
export interface SelfTestCall {
  /** As whom. */
  readonly roles: readonly string[]
  /** Set once the pipeline has begun. */
  exchange: Exchange | undefined
}

// A property of the request, not a weak map: with one, what is over outlives the quick collections of garbage, and costs a tenth of a request.
const EXCHANGE = Symbol('exchange')

interface Carrier extends IncomingMessage {
  [EXCHANGE]?: Exchange
}

/** Puts the exchange on its request. */
export function carryExchange(exchange: Exchange): void {
  const carrier: Carrier = exchange.raw
  carrier[EXCHANGE] = exchange
}

/** The exchange of a request, or undefined where it has none. */
export function exchangeOn(raw: object): Exchange | undefined {
  return (raw as Carrier)[EXCHANGE]
}

export interface Exchange {
  readonly requestId: string
  /** Id of its access record. */
  readonly recordId: string
  readonly raw: IncomingMessage
  /** Address of the connection's peer. */
  readonly address: string
  /** What a trusted proxy in front claims it to be. */
  readonly claimedAddress: string | undefined
  /** That the connection's peer has shown; undefined: none. */
  readonly certificate: ClientCertificate | undefined
  readonly timeMs: number
  readonly startedMs: number
  /** Undefined: a caller asks. */
  readonly selfTest: SelfTestCall | undefined
  /** Undefined: not canonical. */
  readonly target: Target | undefined
  /** Undefined: no route of the policy matches. */
  readonly match: RouteMatch<Route> | undefined
  /** Set by the steps, in the order of the pipeline. */
  subject: Subject | undefined
  /** How the browser brought the token by itself; undefined: the caller did. */
  ambient: AmbientTrust | undefined
  roles: readonly string[]
  effect: 'permit' | 'deny'
  reasons: Reason[]
  masking: RouteMasking | undefined
  /** What it asks for, as far as it says so. */
  purpose: Purpose | undefined
  /** What the caller asks to see in clear; undefined: nothing beyond its roles. */
  reveal: Reveal | undefined
  /** The roles that answers are masked for: none where the training is overdue. */
  maskedFor: readonly string[]
  /** Headers of the answer to a preflight, which is answered without the upstream. */
  preflight: Readonly<Record<string, string>> | undefined
  /** Query parameters for the upstream, checked and in order. */
  parameters: Pairs
  /** Id of the intent record: set before an unsafe request may reach the upstream. */
  intentId: string | undefined
  /** Tells a caller who waits for it that the body is wanted. */
  wantBody: () => void
  /** The body for the upstream, read and checked; undefined where there is none. */
  body: RequestBody | undefined
  /** Personal data that was found in texts of the body, and what became of it. */
  inbound: readonly InboundChange[]
  /** What was found in the answer that no line names; undefined: it was not looked through. */
  unlisted: UnlistedSample | undefined
  /** Values of classes that the request searches by, as pseudonyms. */
  terms: readonly AuditedTerm[]
  /** What is known of the record that a write was held against. */
  recordWrite: RecordWrite | undefined
  /** Parts of request and answer that the policy lets pass unchecked. */
  unchecked: readonly UncheckedPart[]
  upstreamStatus: number | undefined
  report: ExposureReport | undefined
  /** Whether it searches by anything. */
  searches: boolean
  /** Thresholds passed and not recorded yet: the next record takes their findings along. */
  crossings: readonly Crossing[]
  /** Look-ups that were counted before the upstream was asked, until the answer tells what it exposed. */
  heldLookups: readonly HeldLookups[]
  /**
   * True once the look-up counters did not answer: what was counted is not known, and they are not waited for again; of a streamed answer,
   * for its present window.
   */
  lookupsUnknown: boolean
  /** Set while the answer leaves in windows. */
  part: WindowPart | undefined
  /** How long the stores were waited for so far; of a streamed answer, for its present window. */
  storeWaitMs: number
  /** Bytes of the global budget that this exchange holds. */
  heldBytes: number
  /** True from the moment the outcome is being written: there is one outcome only. */
  settled: boolean
}
