/** The parts of the policy as its author wrote it that are about who asks: issuers, roles, reveals and purposes. Data only. */

export interface IdentityDocument {
  readonly issuers: readonly IssuerDocument[]
  readonly cookie?: { readonly name: string; readonly origins: readonly string[] }
  readonly tokenHeader?: {
    readonly name: string
    readonly networks?: readonly string[]
    readonly certificates?: readonly CertificateNameDocument[]
    readonly origins: readonly string[]
  }
  readonly dpop?: {
    readonly origins: readonly string[]
    readonly algorithms?: readonly string[]
    readonly nonce?: 'required'
  }
  readonly assurance?: Readonly<Record<string, AssuranceDocument>>
  readonly revocation?: { readonly transmitters?: readonly TransmitterDocument[] }
  readonly training?: { readonly claim: string; readonly maxAge: string }
}

export type CertificateNameDocument =
  | { readonly dns: string }
  | { readonly uri: string }
  | { readonly spki: string }

export interface TransmitterDocument {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly jwks?: JwksDocument
  readonly authorization?: string
}

export type JwksDocument = { readonly url: string } | { readonly file: string }

export interface AssuranceDocument {
  readonly acr?: readonly string[]
  readonly amr?: readonly string[]
  readonly maxAge?: string
}

export interface IssuerDocument {
  readonly issuer: string
  readonly audience: string
  readonly algorithms?: readonly string[]
  readonly roles: string | RoleClaimDocument
  readonly typ?: 'at+jwt'
  readonly maxLife?: string
  readonly jwks?: JwksDocument
  readonly dpop?: 'required'
  readonly certificateBound?: 'allowed' | 'required'
  readonly logout?: { readonly audience: string; readonly algorithms?: readonly string[] }
  readonly introspection?: {
    readonly url?: string
    readonly clientId: string
    readonly clientSecret: string
    readonly cacheFor?: string
  }
}

export interface RoleClaimDocument {
  readonly claim: string
  readonly split?: 'space'
  readonly map?: Readonly<Record<string, string | readonly string[]>>
}

export interface RevealDocument {
  readonly reasons?: readonly string[]
  readonly ticket?: 'integer' | 'uuid' | 'slug'
  readonly timeZone?: string
  readonly freeText?: { readonly scan: readonly string[]; readonly key: string }
  readonly approvers?: Readonly<Record<string, { readonly key: string; readonly subject?: string }>>
}

export interface BreakGlassDocument {
  readonly classes: readonly string[]
  readonly for: string
  readonly assurance?: string
  readonly justification?: string
}

export interface RevealClassDocument {
  readonly reason?: 'required' | 'optional'
  readonly assurance?: string
  readonly budget?: string
  readonly hours?: { readonly days?: readonly string[]; readonly from: string; readonly to: string }
  readonly notify?: boolean
  readonly justification?: string
}

export interface RoleDocument {
  readonly show?: readonly string[]
  readonly write?: readonly string[]
  readonly reveal?: Readonly<Record<string, RevealClassDocument>>
  readonly breakGlass?: BreakGlassDocument
  readonly justification?: string
  /** Who answers for it. */
  readonly owner?: string
}

/** Purposes of which a request needs one; `none`: it needs none, whatever stands under `defaults`. */
export type PurposeNeedDocument = readonly string[] | 'none'

export interface PurposeDocument {
  /** What a request is recognized by that does not say it itself. */
  readonly derive?: readonly { readonly header: string; readonly match: string }[]
}
