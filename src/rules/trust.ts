/** Whose tokens are believed, and what is asked of whom they name: as compiled from `identity` of a policy. */
import type { IpNetworks } from '../core/ip-networks.ts'
import type { Query } from '../json/query/ast.ts'

/** An identity provider whose tokens are believed. */
export interface Issuer {
  readonly issuer: string
  readonly audience: string
  /** Empty where the issuer itself is asked about each token. */
  readonly algorithms: readonly string[]
  readonly roles: RoleClaim
  readonly keys: KeyPlace
  /** The `typ` that its tokens must have; undefined: JWT, at+jwt or none. */
  readonly typ: 'at+jwt' | undefined
  /** From `iat` to `exp`, at most. */
  readonly lifeSecondsMax: number
  /** How the issuer is asked about each of its tokens; undefined: its tokens are verified here. */
  readonly introspection: Introspection | undefined
  /** True where each of its tokens must be bound to a key that the caller proves to hold; none is bound to a certificate then. */
  readonly dpopRequired: boolean
  /** Whether its tokens may or must be bound to a client certificate (RFC 8705); undefined: those that are, are not taken. */
  readonly certificateBound: 'allowed' | 'required' | undefined
  /** How it says that somebody was logged out; undefined: it does not. */
  readonly logout: LogoutTrust | undefined
}

/** Tokens that are bound to a key (RFC 9449). */
export interface DpopRules {
  /** Where callers reach the gateway, as browsers write it. */
  readonly origins: ReadonlySet<string>
  /** Of proofs. */
  readonly algorithms: readonly string[]
  /** True where each proof must have a nonce of the gateway's. */
  readonly nonce: boolean
}

/** A token that a browser brings by itself. */
export type AmbientTrust = {
  readonly name: string
  /** Whose pages may cause requests with it. */
  readonly origins: ReadonlySet<string>
} & (
  | { readonly kind: 'cookie' }
  /** The cookie names a session of the gateway's own. */
  | { readonly kind: 'session' }
  | {
      /** A proxy puts it there; believed where all that is said of the proxy holds. */
      readonly kind: 'header'
      /** Undefined: from everywhere. There are certificates then. */
      readonly networks: IpNetworks | undefined
      /** Undefined: none is needed. There are networks then. */
      readonly certificates: readonly CertificateName[] | undefined
    }
)

/** Whose client certificate: by a name in it, or by its key. */
export interface CertificateName {
  /** `dns` in lower case, `uri` as it stands, `spki` the SHA-256 of the public key in base64. */
  readonly kind: 'dns' | 'uri' | 'spki'
  readonly value: string
}

/** How browsers log in at the gateway itself. */
export interface SessionRules {
  /** As for its tokens; the audience is the client. */
  readonly issuer: Issuer
  readonly clientId: string
  readonly clientSecret: string
  /** Where the identity provider sends browsers back to. */
  readonly redirectUri: string
  /** Where a login begins. */
  readonly loginUri: string
  /** Where callers reach the gateway, without a slash at the end. */
  readonly publicUri: string
  readonly scope: string
  /** What is asked of each login; undefined: nothing. */
  readonly level: AssuranceLevel | undefined
  /** Where browsers may be sent in the end: exactly there, or below where the path ends with a slash. At least one. */
  readonly returnTo: readonly { readonly origin: string; readonly path: string }[]
  readonly idleMs: number
  readonly lifetimeMs: number
  /** Sessions of one subject. */
  readonly perSubjectMax: number
}

/** Who may log subjects out by tokens of OpenID Connect Back-Channel Logout 1.0. */
export interface LogoutTrust {
  readonly audience: string
  readonly algorithms: readonly string[]
}

/** A transmitter of Shared Signals, whose events end sessions. */
export interface Transmitter {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly keys: KeyPlace
  /** The `Authorization` header of its requests; undefined: the signature alone counts. */
  readonly authorization: string | undefined
}

/** Where public keys are. */
export type KeyPlace =
  | { readonly kind: 'discovery'; readonly metadata: 'openid' | 'ssf' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly file: string }

/** RFC 7662. */
export interface Introspection {
  /** Undefined: found by discovery. */
  readonly url: string | undefined
  readonly clientId: string
  readonly clientSecret: string
  /** How long an answer holds, at most. */
  readonly cacheMs: number
}

/** Where the roles are in a token, and in which shape. */
export interface RoleClaim {
  readonly query: Query
  /** What must be a list where it is there: the query without the `[*]` at its end. */
  readonly lists: Query | undefined
  /** `space`: each text holds names with one space between them. */
  readonly split: 'space' | undefined
  /** Role names by values of the claim; undefined: the values are the names. */
  readonly map: ReadonlyMap<string, readonly string[]> | undefined
}

/** How well a subject must have proven who it is, and how recently. */
export interface AssuranceLevel {
  readonly name: string
  /** One of these `acr`, or one of these `amr`, meets it; both empty: any does. */
  readonly acr: readonly string[]
  readonly amr: readonly string[]
  /** Since `auth_time`; undefined: any time. */
  readonly maxAgeSeconds: number | undefined
}

/** Where a token says when the subject was trained last, as steps from the claims, and how long that holds. */
export interface Training {
  readonly claim: readonly (string | number)[]
  readonly maxAgeMs: number
}
