/**
 * What the audit is told, in our own words, before it becomes an event of a standard. No value of a data
 * subject has a place in here: classes, counts, templates and keyed pseudonyms (promise P5).
 */
import type { Reason } from './reasons.ts'
import type { ProxyMark, Transport } from './transports.ts'
import type { UnlistedSample } from './unlisted-sample.ts'

/** A keyed pseudonym, `v<key version>:<base64url>`. */
export type Pseudonym = `v${number}:${string}`

/** The verified caller, as far as the audit names it. */
export interface AuditedSubject {
  /** JWT `sub`. */
  readonly id: string
  /** JWT `iss`. */
  readonly issuer: string
  /** Known roles, sorted. */
  readonly roles: readonly string[]
  /** JWT `sid`, else `jti`, where the token has one. */
  readonly session: string | undefined
  /** Names of the assurance levels that it met, sorted. */
  readonly assurance: readonly string[]
}

/** What an access asked to see in clear beyond its roles, and why. */
export interface RevealFacts {
  readonly classes: readonly string[]
  /** A code of the policy; undefined: none was given, or none of the policy's. */
  readonly reason: string | undefined
  /** The id of the ticket that the reason is about, of the type that the policy says. */
  readonly ticket: string | undefined
  /** What the caller said besides, as a JWE; undefined: nothing. */
  readonly text?: string | undefined
  /** The grant that it was asked by, and who approved it; undefined: by the role itself, or the grant is not in force. */
  readonly grant?: { readonly id: string; readonly approver: string } | undefined
}

/** What a request asks for. */
export interface PurposeFacts {
  readonly name: string
  /** The header that says so. */
  readonly header: string
  /** The ticket that is worked on, as that header says. */
  readonly ticket: string | undefined
}

/** How many locations of one class left in which form. */
export interface ClassExposure {
  readonly class: string
  readonly shown: number
  readonly masked: number
  readonly revealed: number
}

/** Stands for places that a ledger has no room for. */
export const OTHER_PLACES = '(others)'

/** The locations of one rule at one place that left by one operator. */
export interface LocationExposure {
  /**
   * A normalized path, with `[*]` for indices and for names that the policy does not spell out there: never a name that the answer
   * brought. Or {@link OTHER_PLACES}; or fields of a schema, where the caller chooses the names.
   */
  readonly at: string
  /** Undefined for what no rule names. */
  readonly class: string | undefined
  /** Where the rule stands in the policy. */
  readonly rule: string
  /** `show`, `reveal`, the operator of the class, `stricter` where another class beat it, `mask` for what no rule names. */
  readonly operator: string
  readonly count: number
}

/** A data subject and what of it was in the answer. `pseudonym` is undefined for what lies under no declared subject. */
export interface SubjectExposure {
  readonly kind: string | undefined
  readonly pseudonym: Pseudonym | undefined
  readonly classes: readonly ClassExposure[]
}

/**
 * Which moment of an access a record tells of. `intent`: an unsafe request is about to reach the upstream. `outcome`: how it
 * ended. `opening`, `interim`, `closing`: the windows of an answer that leaves in several.
 */
export type AccessPhase = 'intent' | 'outcome' | StreamPart['phase']

/**
 * A part of an exchange that the policy passes on without a look into it. Of the request: `query` (where it takes `any`),
 * `body` (`pass: opaque`), `members` of a body that no query names (`unlisted: pass`). Of the answer: `answer` (`pass.opaque`).
 */
export type UncheckedPart = 'query' | 'body' | 'members' | 'answer'

/** A value of a class that a request searches by. The same value of the same class has the same pseudonym. */
export interface AuditedTerm {
  readonly class: string
  readonly pseudonym: Pseudonym
}

/** One access of an authenticated caller, permitted or refused. */
export interface AccessFacts {
  readonly id: string
  readonly phase: AccessPhase
  /** Of an unsafe request: the intent record that this one belongs to. */
  readonly intentId: string | undefined
  readonly timeMs: number
  readonly durationMs: number
  readonly requestId: string
  readonly subject: AuditedSubject
  readonly transport: Transport
  /** Of a token in the header of a proxy: all that it was known by. */
  readonly proxy?: readonly ProxyMark[] | undefined
  /** Address of the connection's peer. */
  readonly address: string
  /** What a trusted proxy in front claimed to be the caller's. */
  readonly claimedAddress?: string | undefined
  readonly method: string
  /** `GET /api/v2/users/{id:integer}`; undefined where no route matched. Never a raw path. */
  readonly route: string | undefined
  readonly upstream: string | undefined
  /** What the upstream answered; undefined where it was not asked or did not answer. */
  readonly upstreamStatus: number | undefined
  /** What the caller is answered; undefined where there is no answer yet, or nobody knows. */
  readonly status: number | undefined
  readonly effect: 'permit' | 'deny'
  readonly reasons: readonly Reason[]
  /** SHA-256 of the policy, lower-case hex. */
  readonly policy: string
  readonly classes: readonly ClassExposure[]
  readonly dataSubjects: readonly SubjectExposure[]
  /** True where there were more data subjects than the record names. */
  readonly dataSubjectsTruncated: boolean
  /** Where the policy wants a ledger of locations. */
  readonly locations?: readonly LocationExposure[] | undefined
  /** `relaxed` where the store's durability is weaker than promised. */
  readonly durability: 'strict' | 'relaxed'
  /** Undefined: it did not say, and nobody asked. */
  readonly purpose?: PurposeFacts | undefined
  /** Undefined: it asked for nothing beyond its roles. */
  readonly reveal?: RevealFacts | undefined
  /** Of an answer that left in windows: which part this record is about. Undefined: the whole answer. */
  readonly part?: StreamPart | undefined
  /** What the request searches by; the record names it only where there is something. */
  readonly terms?: readonly AuditedTerm[]
  /** What was passed on unchecked; the record names it only where there is such a part. */
  readonly unchecked?: readonly UncheckedPart[]
  /** False for a POST that is declared as a read: the record then says so, whatever the method. */
  readonly writes?: boolean | undefined
  /** Of a write that was held against the record. */
  readonly write?: WriteFacts | undefined
  /** Of an answer that was drawn: personal data in what no line of the policy names. */
  readonly unlisted?: UnlistedSample | undefined
  /** Personal data found in texts of the request; the record names it only where there was some. */
  readonly inbound?: readonly InboundChange[]
  /** True where the gateway asked itself. */
  readonly selfTest?: boolean
}

/** How many values of a class were found in texts of a request, and what became of them. */
export interface InboundChange {
  readonly class: string
  readonly action: 'redact' | 'mask' | 'refuse'
  readonly count: number
}

/** What a write was held against, and what came of it. */
export interface WriteFacts {
  /** The route that the record was read by. */
  readonly read: string
  /** What the upstream answered to that; undefined where it did not. */
  readonly readStatus: number | undefined
  /** What tied the write to the record as it was read. */
  readonly precondition: 'etag' | 'lastModified' | 'none'
  readonly changes: readonly WriteChange[]
  /** Where it was refused: normalized paths in which names that the policy does not spell out are `[*]`. */
  readonly places: readonly string[]
}

/** What became of the places of one class in a write; of those that no line of the policy names where `class` is undefined. */
export interface WriteChange {
  readonly class: string | undefined
  /** Masks that came back, and what stands there was kept. */
  readonly kept: number
  /** Left out by the request, and put back. */
  readonly putBack: number
  /** Set by a role that may write the class and does not see it. */
  readonly written: number
}

/**
 * One window of a streamed answer. Each record counts its own window only, so that the sum over all is the answer. The
 * closing one comes last, also where the answer was cut, and says how much left.
 */
export interface StreamPart {
  readonly phase: 'opening' | 'interim' | 'closing'
  /** From 1. */
  readonly window: number
  /** Masked bytes handed over before this window, counted before a content coding is put on. */
  readonly bytesBefore: number
}

/** Refusals of callers that were not authenticated, counted for one interval. */
export interface RefusalFacts {
  readonly id: string
  readonly timeMs: number
  readonly fromMs: number
  readonly toMs: number
  readonly policy: string
  /** Per reason, how many. */
  readonly counts: readonly { readonly reason: Reason; readonly count: number }[]
}

/** What ended before its time. */
export interface RevocationFacts {
  readonly id: string
  readonly timeMs: number
  readonly issuer: string
  readonly kind: 'token' | 'session' | 'subject'
  /** `jti`, `sid` or `sub`. */
  readonly value: string
  /** Of a subject: what was issued until then, seconds since 1970. */
  readonly untilS: number
  readonly source: 'command' | 'back-channel-logout' | 'shared-signals' | 'session-logout'
}

/** Something that was said of a grant: it was asked for, approved, ended or reviewed. */
export interface GrantFacts {
  readonly id: string
  readonly timeMs: number
  readonly grant: string
  readonly activity: 'requested' | 'approved' | 'revoked' | 'reviewed'
  /** Who said so, in their own words; of an approval the signature tells. */
  readonly by: string | undefined
  /** For whom; undefined where only the request tells. */
  readonly subject: { readonly id: string; readonly issuer: string } | undefined
  readonly classes: readonly string[]
}

/** A record of the helpdesk that is redacted, or was. */
export interface RedactionFacts {
  readonly id: string
  readonly timeMs: number
  readonly phase: 'intent' | 'outcome'
  /** Of an outcome: the record of the intent. */
  readonly intentId: string | undefined
  /** All records of one run have the same. */
  readonly run: string
  /** Who runs it, in their own words. */
  readonly by: string
  /** SHA-256 of the connector's text. */
  readonly connector: string
  readonly policy: string
  /** The kind of record, a word of the connector, and which one it is. */
  readonly resource: string
  readonly record: Pseudonym
  readonly places: readonly {
    /** A normalized path, in which names that the connector does not spell out are `[*]`. */
    readonly location: string
    readonly classes: readonly { readonly class: string; readonly count: number }[]
  }[]
  /** Of an outcome: gone when it was read again, still there, or not written or not readable. */
  readonly outcome: 'redacted' | 'left' | 'failed' | undefined
}

/** Personal data that was revealed, where the policy wants that noticed. */
export interface RevealFindingFacts {
  readonly id: string
  readonly timeMs: number
  readonly requestId: string
  readonly subject: AuditedSubject
  readonly address: string
  readonly policy: string
  readonly claimedAddress: string | undefined
  readonly reveal: RevealFacts
  /** The access record of it. */
  readonly accessId: string
}

/** A policy that was loaded, or refused. */
export interface PolicyFacts {
  readonly id: string
  readonly timeMs: number
  readonly activity: 'loaded' | 'reloaded' | 'refused'
  /** SHA-256 of the policy in force after it. */
  readonly policy: string | undefined
  readonly faults: number
  /** Of a reload: how many changes go which way, beside the policy that was in force. */
  readonly changes?: PolicyChangeCounts | undefined
}

/** How many changes of a policy are looser, cannot be told, and are stricter. */
export interface PolicyChangeCounts {
  readonly looser: number
  readonly unclear: number
  readonly stricter: number
}
