/** A policy ready to decide by: every name resolved, every query parsed, nothing left to interpret. Immutable. */
import type { IpNetworks } from '../core/ip-networks.ts'
import type { BodyFormat } from '../json/formats/formats.ts'
import type { Exposures, Leaf, Program } from '../json/program-source.ts'
import type { ClassExposure, LocationExposure } from '../core/audit-facts.ts'
import type { UnlistedSample } from '../core/unlisted-sample.ts'
import type { ShapeCheck } from './answer-shape.ts'
import type { DetectionRule } from './detect/detection-rule.ts'
import type { GraphqlRoute } from './graphql/graphql-rules.ts'
import type { LinkRewriter } from './links/link-rewriter.ts'
import type { BodyRules } from './request/body-rules.ts'
import type { SelfTestRules } from './self-test/self-test-rules.ts'
import type { SearchRules } from './search/search-rules.ts'
import type { ParameterDomain, QueryDomain } from './routing/parameter-types.ts'
import type { BreakGlassRules } from './reveal/break-glass.ts'
import type { Purposes } from './purpose/purpose.ts'
import type { RevealRules } from './reveal/reveal-rules.ts'
import type {
  AmbientTrust,
  AssuranceLevel,
  DpopRules,
  Issuer,
  SessionRules,
  Training,
  Transmitter,
} from './trust.ts'
import type { RouteTable } from './routing/route-table.ts'
import type { RouteTemplate } from './routing/route-template.ts'
import type { RouteWrite } from './writes/route-write.ts'

export interface CompiledPolicy {
  /** SHA-256 of the policy's text, lower-case hex. */
  readonly sha256: string
  readonly tenant: string
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly issuers: readonly Issuer[]
  /** Undefined: tokens that are bound to a key are not taken. */
  readonly dpop: DpopRules | undefined
  /** Where tokens may be beside `Authorization`. */
  readonly ambient: readonly AmbientTrust[]
  /** Undefined: nobody logs in at the gateway. */
  readonly session: SessionRules | undefined
  /** By name; the shipped ones among them. */
  readonly assurance: ReadonlyMap<string, AssuranceLevel>
  /** Undefined: no role may reveal anything. */
  readonly reveal: RevealRules | undefined
  /** Undefined: nobody may be granted anything. */
  readonly breakGlass: BreakGlassRules | undefined
  /** What data can be asked for. */
  readonly purposes: Purposes
  /** Undefined: tokens are believed until they end. */
  readonly revocation: { readonly transmitters: readonly Transmitter[] } | undefined
  /** Undefined: nobody's training is asked for. */
  readonly training: Training | undefined
  readonly roles: ReadonlySet<string>
  /** Names of all data classes. */
  readonly classes: ReadonlySet<string>
  readonly routes: RouteTable<Route>
  readonly routeList: readonly Route[]
  readonly lookups: readonly DetectionRule[]
  readonly audit: AuditPolicy
  /** Undefined: the gateway asks itself for nothing. */
  readonly selfTest: SelfTestRules | undefined
  readonly limits: PolicyLimits
  /** Undefined: nobody's word on where a request came from is believed. */
  readonly forwarded: ForwardedTrust | undefined
  /** Undefined: scripts of other origins may not. */
  readonly cors: CorsRules | undefined
  /** Undefined: the policy does not say where callers find the gateway, and no link leads anywhere. */
  readonly links: LinkRewriter | undefined
  /** Whether answers carry `Celosia-Masked`. */
  readonly markHeader: boolean
}

/** Whose scripts may use the gateway from a browser. */
export interface CorsRules {
  /** As browsers serialize them. */
  readonly origins: ReadonlySet<string>
  readonly methods: readonly string[]
  /** Request headers that scripts may set. */
  readonly headers: readonly string[]
  /** Headers of answers that scripts may read. */
  readonly expose: readonly string[]
  readonly credentials: boolean
  readonly maxAgeS: number
}

/** Whose word on the address of a caller is recorded. */
export interface ForwardedTrust {
  readonly header: 'x-forwarded-for' | 'forwarded'
  /** Of the proxies in front. */
  readonly networks: IpNetworks
}

/** What is asked of the audit. */
export interface AuditPolicy {
  readonly durability: 'strict' | 'relaxed'
  /** The chain is signed after so many records, and so long after the first of them. */
  readonly checkpoints: { readonly everyRecords: number; readonly withinMs: number }
  readonly anchors: readonly AnchorPlace[]
  /** How long records are kept, in milliseconds; what is undefined is kept for good. */
  readonly retention: RetentionPolicy | undefined
  /** What happens where Redis is away, and how many replicas must have a record. */
  readonly store: {
    readonly spool: boolean
    readonly spoolBytesMax: number
    readonly replicas: number
  }
}

export interface RetentionPolicy {
  readonly records: number | undefined
  readonly findings: number | undefined
}

/** A second place for checkpoints. */
export type AnchorPlace =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'webhook'
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
    }
  | {
      /** Each checkpoint is put below the URL. */
      readonly kind: 'objects'
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
      /** Signs the requests. Undefined: nobody does. */
      readonly keys:
        | {
            readonly region: string
            readonly id: string
            readonly secret: string
            readonly token: string | undefined
          }
        | undefined
    }

export interface PolicyLimits {
  /** Largest body that is held, bytes after decoding. */
  readonly bodyBytesMax: number
  /** Largest body that leaves in windows; 0: none does. */
  readonly streamedBytesMax: number
  /** Largest body of a request. */
  readonly requestBodyBytesMax: number
  /** Bytes of all bodies held at one time. */
  readonly heldBytesAllMax: number
}

/** Content codings that can be taken off an answer (RFC 9110 8.4.1, RFC 7932, RFC 8878). */
export type ContentCoding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** Content codings that an answer can leave in. */
export type AnswerCoding = Extract<ContentCoding, 'gzip' | 'br'>

export interface Upstream {
  readonly name: string
  /** Scheme, host and port. */
  readonly origin: string
  /** Host and port, as `Host` says them. */
  readonly host: string
  /** Path before every route, without a slash at its end; often empty. */
  readonly pathPrefix: string
  /** Lower-case names; the gateway's own credential among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  /** Where it may say that it is, its own address among them: the longest path before every route first. */
  readonly places: readonly Place[]
  /** What it may code its answers with, and is asked for. None: no coding. */
  readonly codings: readonly ContentCoding[]
}

/** An origin, and the path before every route: without a slash at its end, often empty. */
export interface Place {
  readonly origin: string
  readonly pathPrefix: string
}

export interface Route {
  readonly template: RouteTemplate
  readonly upstream: Upstream
  /** Roles that may use it; undefined: every known role. */
  readonly roles: ReadonlySet<string> | undefined
  /** What every request for it needs. */
  readonly assurance: AssuranceLevel | undefined
  /** Purposes of which a request for it needs one; undefined: it needs none. */
  readonly purposes: ReadonlySet<string> | undefined
  readonly query: DeclaredQuery
  /** `write`: it changes something upstream. A search made with POST is a `read`. */
  readonly effect: 'read' | 'write'
  /** Undefined: it takes no body. */
  readonly body: BodyRules | undefined
  /** Undefined: it is no GraphQL endpoint. */
  readonly graphql: GraphqlRoute | undefined
  /** Where a request searches, sorts or selects. */
  readonly search: readonly SearchRules[]
  /** How its requests are held against the record; undefined: they are not. */
  readonly write: RouteWrite | undefined
  readonly dataSubjects: readonly DataSubjectPlace[]
  /** Undefined: what lies under none of them belongs to nobody that is known. */
  readonly requestedSubject: RequestedSubject | undefined
  /** Classes that its answers can hold: of its own queries and of those that hold anywhere. */
  readonly classes: ReadonlySet<string>
  /** What its answers are. */
  readonly format: BodyFormat
  /** Tells what is wrong with the shape of an answer; undefined: answers may have any. */
  readonly shapeFault: ShapeCheck | undefined
  readonly answerHeaders: AnswerHeaders
  /** Whether redirects to routes of the same upstream are led to the gateway; else they are refused. */
  readonly redirects: boolean
  /** Relations of the header `Link` that are passed on. */
  readonly linkRelations: ReadonlySet<string>
  /** For how many seconds caches of callers may keep its answers; undefined: not at all. */
  readonly cacheSeconds: number | undefined
  /** What its answers may be coded with for callers who accept it, the better one first. None: no coding. */
  readonly compress: readonly AnswerCoding[]
  /** The masking of answers for these roles: compiled at the first request of a role set, and kept. */
  readonly maskingFor: (roles: readonly string[], revealed?: readonly string[]) => RouteMasking
  /** Looks one answer in so many through for what no line names; undefined: none is, or nothing leaves so. */
  readonly unlistedSample:
    | { readonly oneIn: number; readonly sample: (bytes: Uint8Array) => UnlistedSample }
    | undefined
  /** The same as {@link maskingFor} for errors of the upstream that are JSON. Undefined: they are replaced. */
  readonly errorMaskingFor: ((roles: readonly string[]) => RouteMasking) | undefined
}

/** Query parameters by name; `any`: whatever comes goes on, and the record says so. */
export type DeclaredQuery = ReadonlyMap<string, QueryDomain> | 'any'

/** Headers of the upstream that pass, by name in lower case, with what they may say. */
export type AnswerHeaders = ReadonlyMap<string, ParameterDomain>

export interface DataSubjectPlace {
  readonly kind: string
  /** Name of the path parameter that holds the same id. */
  readonly pathParameter: string | undefined
}

/** The data subject that the path names: what lies under no other belongs to it. */
export interface RequestedSubject {
  readonly kind: string
  readonly pathParameter: string
}

/** One (route, role set): the program and how to read what it counted. */
export interface RouteMasking {
  readonly program: Program
  /** Starts the run over one body of the route's format; see {@link Program.start}. */
  readonly start: Program['start']
  /**
   * Starts a run that gathers what the other one masks, so that it is masked in other texts too. Nothing of its output may
   * leave, and its reader must be that of the other run ({@link withDictionary}). Undefined: there is no such run.
   */
  readonly gather: Program['start'] | undefined
  /** What masks an answer that is not held; undefined: this masking itself. */
  readonly streamed: RouteMasking | undefined
  readonly report: (exposures: Exposures) => ExposureReport
  /** Classes of the route that this role set does not see in clear. */
  readonly hidden: readonly string[]
  /** All classes of the policy that it sees in clear. */
  readonly shown: ReadonlySet<string>
  /** Classes that it may set without seeing them. */
  readonly writable: ReadonlySet<string>
  /** Whether a value of a class could be a mask that comes back, of whatever value. */
  readonly couldBeMask: (dataClass: string, leaf: Leaf) => boolean
  /** Whether the classes that it sees are all there are. */
  readonly seesAll: boolean
  /** True where it has no room for what more it should count: one made anew has. */
  readonly isWorn: () => boolean
  /** Classes of the route of which this role set can see at least a part of a value. */
  readonly exposable: ReadonlySet<string>
  /** Classes of the route that are in clear for this request only. */
  readonly revealed: readonly string[]
  /** What the classes that it shows in clear need. */
  readonly assurance: readonly AssuranceLevel[]
}

export interface ExposureReport {
  /** Rule by rule, where the policy wants a ledger of locations. */
  readonly locations?: readonly LocationExposure[]
  /** Classes that were in the answer, by name; `masked` counts whole and partial forms. */
  readonly classes: readonly ClassExposure[]
  readonly dataSubjects: readonly DataSubjectReport[]
  readonly truncated: boolean
}

export interface DataSubjectReport {
  /** Undefined for what lies under no declared data subject. */
  readonly kind: string | undefined
  readonly id: string | undefined
  readonly classes: readonly ClassExposure[]
  /** Classes that left in clear or in part: what a look-up rule counts. */
  readonly exposed: readonly string[]
}
