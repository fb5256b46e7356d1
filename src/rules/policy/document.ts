/** The policy as its author wrote it, after the schema has been checked. Data only; names are resolved by compile. */
import type { FormatKind } from '../../json/formats/formats.ts'
import type { DetectDocument } from './detect-document.ts'
import type { ShapeType } from '../answer-shape.ts'
import type { ParameterTypeName } from '../routing/parameter-types.ts'
import type { WholeValueForm } from '../search/whole-value.ts'
import type { SessionDocument } from './session-document.ts'
import type { ListenDocument, UpstreamDocument } from './listen-document.ts'
import type {
  IdentityDocument,
  PurposeDocument,
  PurposeNeedDocument,
  RevealDocument,
  RoleDocument,
} from './identity-document.ts'
import type { RegisterDocument } from './register-document.ts'
import type { SelfTestDocument } from './self-test-document.ts'

export interface PolicyDocument {
  readonly version: 1
  readonly tenant?: string
  /** Where callers find the gateway. */
  readonly publicUrl?: string
  readonly upstreams: Readonly<Record<string, UpstreamDocument>>
  readonly listen?: ListenDocument
  readonly identity: IdentityDocument
  readonly session?: SessionDocument
  readonly keys?: {
    readonly audit?: AuditKeyDocument
    readonly pseudonym?: KeyDocument
    readonly token?: KeyDocument
    readonly cursor?: KeyDocument
    readonly checkpoint?: KeyDocument
  }
  readonly classes: Readonly<Record<string, ClassDocument>>
  readonly roles: Readonly<Record<string, RoleDocument>>
  readonly reveal?: RevealDocument
  /** What happens to personal data in texts of requests, by class. */
  readonly inbound?: Readonly<Record<string, 'redact' | 'mask' | 'refuse'>>
  readonly purposes?: Readonly<Record<string, PurposeDocument>>
  readonly defaults?: {
    readonly unlisted?: Unlisted
    readonly countries?: readonly string[]
    readonly purpose?: readonly string[]
  }
  readonly anywhere?: Readonly<Record<string, string | readonly string[]>>
  readonly routes: readonly RouteDocument[]
  readonly detect?: readonly DetectDocument[]
  readonly audit?: AuditDocument
  readonly limits?: LimitsDocument
  readonly cors?: {
    readonly origins: readonly string[]
    readonly headers?: readonly string[]
    readonly expose?: readonly string[]
    readonly credentials?: boolean
    readonly maxAge?: string
  }
  readonly forwarded?: {
    readonly trust: readonly string[]
    readonly header: 'x-forwarded-for' | 'forwarded'
  }
  readonly marks?: { readonly header?: boolean }
  readonly register?: RegisterDocument
  readonly selfTest?: SelfTestDocument
}

export type Unlisted = 'mask' | 'show'

export type ShapePart = ShapeType | 'absent'

export interface AuditDocument {
  readonly durability?: 'strict' | 'relaxed'
  readonly whenUnavailable?: 'spool' | 'refuse'
  readonly replicas?: number
  readonly ledger?: 'counts' | 'locations'
  readonly checkpoints?: { readonly every?: number; readonly within?: string }
  readonly anchors?: readonly AnchorDocument[]
  readonly retention?: { readonly records?: string; readonly findings?: string }
  readonly ship?: string
  readonly sampleUnlisted?: { readonly oneIn: number }
}

export type AnchorDocument =
  | { readonly file: string }
  | { readonly folder: string }
  | {
      readonly objects: string
      readonly headers?: Readonly<Record<string, string>>
      readonly sign?: SignDocument
    }
  | { readonly url: string; readonly headers?: Readonly<Record<string, string>> }

/** Keys of an object store that wants AWS Signature Version 4. */
export interface SignDocument {
  readonly region: string
  readonly keyId: string
  readonly secret: string
  readonly token?: string
}

/** Where a key comes from. Exactly one of `env` and `file`. */
export interface KeyDocument {
  readonly version: number
  readonly env?: string
  readonly file?: string
}

/** A key with its older versions. */
export interface AuditKeyDocument extends KeyDocument {
  readonly previous?: readonly KeyDocument[]
}

export interface ClassDocument {
  readonly mask: unknown
  readonly sensitive?: boolean
  readonly assurance?: string
  readonly find?: FindDocument
  /** Who answers for it. */
  readonly owner?: string
}

/** How a class is found in text. */
export interface FindDocument {
  readonly recognizers?: readonly string[]
  readonly countries?: readonly string[]
  readonly patterns?: readonly string[]
  readonly allow?: readonly string[]
  readonly atLeast?: number
}

export interface RouteDocument {
  readonly match: string
  readonly upstream: string
  /** Left out: `read` for GET, `write` for all others. */
  readonly effect?: 'read' | 'write'
  readonly roles?: readonly string[]
  readonly assurance?: string
  readonly purpose?: PurposeNeedDocument
  readonly query?: 'any' | Readonly<Record<string, ParameterDocument>>
  readonly body?: BodyDocument
  readonly search?: readonly SearchDocument[]
  readonly write?: 'none' | WriteDocument
  readonly dataSubjects?: readonly DataSubjectDocument[]
  readonly format?: Exclude<FormatKind, 'opaque'>
  readonly table?: { readonly columns: readonly string[]; readonly separator?: string }
  readonly events?: { readonly names?: readonly string[]; readonly id?: ParameterTypeName }
  /** Media types that leave without a look into them. */
  readonly pass?: { readonly opaque: readonly string[] }
  readonly links?: string | readonly string[]
  readonly cursors?: string | readonly string[]
  /** What stands at the locations of each query; `absent`: or nothing. */
  readonly shape?: Readonly<Record<string, ShapePart | readonly ShapePart[]>>
  readonly graphql?: GraphqlDocument
  readonly redirects?: 'refuse' | 'rewrite'
  readonly linkRelations?: readonly string[]
  /** Headers of the upstream that are passed on. */
  readonly answerHeaders?: Readonly<Record<string, SingleParameterDocument>>
  readonly cache?: { readonly maxAge: string }
  readonly compress?: readonly ('gzip' | 'br')[]
  readonly errors?: 'replace' | 'mask' | ErrorsDocument
  readonly unlisted?: Unlisted
  readonly dictionary?: 'held' | 'required'
  /** Objects whose member names are masked. */
  readonly keys?: { readonly mask: string | readonly string[] }
  readonly fields?: Readonly<Record<string, string | readonly string[]>>
  readonly plain?: readonly string[]
  readonly fixture?: string
}

/** A GraphQL endpoint. Names are `Type.field`, `Type.field.argument` and `InputType.field`. */
export interface GraphqlDocument {
  readonly schema: string
  readonly fields?: Readonly<Record<string, string | readonly string[]>>
  readonly plain?: readonly string[]
  readonly arguments?: readonly string[]
  readonly dataSubjects?: readonly {
    readonly kind: string
    readonly type: string
    readonly id: string
  }[]
  readonly introspection?: 'refuse' | 'pass'
  readonly limits?: { readonly depth?: number; readonly aliases?: number; readonly cost?: number }
}

/** How errors of the upstream are masked. */
export interface ErrorsDocument {
  readonly fields?: Readonly<Record<string, string | readonly string[]>>
  readonly plain?: readonly string[]
  readonly unlisted?: Unlisted
  readonly fixture?: string
}

/** How a write is held against the record. */
export interface WriteDocument {
  readonly read: string
  readonly record?: { readonly request?: string; readonly answer?: string }
  readonly update?: 'partial' | 'replace'
  readonly returned: 'remove' | 'restore' | 'refuse'
  readonly absent?: 'restore' | 'refuse'
  readonly empty?: 'keep' | 'remove'
  readonly lists?: readonly {
    readonly at: string
    readonly key: string
    readonly update: 'partial' | 'replace'
  }[]
  readonly merged?: readonly string[]
  readonly upstreamSets?: string | readonly string[]
  readonly precondition: 'etag' | 'lastModified' | 'none'
}

/** What may stand in the body of a request. */
export interface BodyDocument {
  readonly types: readonly string[]
  readonly fields?: Readonly<Record<string, string | readonly string[]>>
  readonly plain?: readonly string[]
  readonly text?: readonly string[]
  readonly unlisted?: 'refuse' | 'pass'
  readonly inbound?: 'none'
  readonly pass?: 'opaque'
  readonly fixture?: string
}

/** A named type, the allowed values, or a list of either. */
export type ParameterDocument = SingleParameterDocument | ParameterListDocument

/** A named type, or the allowed values. */
export type SingleParameterDocument = string | readonly (string | number | boolean)[]

export interface ParameterListDocument {
  readonly list: SingleParameterDocument
  readonly max?: number
  readonly repeated?: boolean
}

/** Where a request searches, sorts or selects. */
export interface SearchDocument {
  readonly parameter?: string
  readonly path?: string
  readonly body?: string
  readonly grammar: string
  readonly class?: string
  readonly fields?: Readonly<Record<string, SearchMeaning>>
  readonly words?: SearchMeaning
  readonly exact?: Readonly<Record<string, WholeValueForm>>
}

/** A class, `plain`, or the values that are allowed. */
type SearchMeaning = string | readonly (string | number | boolean)[]

/** With `at` and `id`: what lies at such places. Without: what lies at none belongs to the id in the request. */
export interface DataSubjectDocument {
  readonly kind: string
  readonly at?: string
  readonly id?: string
  readonly request?: string
}

export interface LimitsDocument {
  readonly bodyBytesMax?: number
  readonly streamedBytesMax?: number
  readonly requestBodyBytesMax?: number
  readonly depthMax?: number
  readonly heldBytesAllMax?: number
  readonly spoolBytesMax?: number
}
