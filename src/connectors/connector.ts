/** A connector, compiled: what a helpdesk has, how it is asked for it, and how it is changed. Data only. */
import type { Query } from '../json/query/ast.ts'
import type { BodyTemplate, PathTemplate } from './templates.ts'

export interface Connector {
  /** Origin and path prefix, without a slash at the end. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly requestsPerSecond: number
  readonly timeoutMs: number
  /** Those that stand by themselves, in the order of the file. */
  readonly resources: readonly Resource[]
  /** SHA-256 of the file's text, lower-case hex. */
  readonly sha256: string
}

export interface Resource {
  readonly name: string
  readonly list: ResourceList
  readonly id: Query
  readonly read: ResourceRead | undefined
  readonly texts: readonly TextPlaces[]
  readonly attachments: { readonly at: Query; readonly id: Query } | undefined
  /** Where ids of other records are that have copies, by the name of the resource. */
  readonly copies: readonly { readonly resource: string; readonly at: readonly Query[] }[]
  /** Resources that are part of one record of this. */
  readonly parts: readonly Resource[]
  /** Member names that the file spells out: to name them tells nothing of a record. */
  readonly names: ReadonlySet<string>
}

export interface ResourceList {
  readonly get: PathTemplate
  readonly items: Query
  readonly next: Query | undefined
  /** The query parameter that takes the number of a page. */
  readonly page: string | undefined
}

export interface ResourceRead {
  readonly get: PathTemplate
  readonly at: Query
  readonly each: boolean
}

export interface TextPlaces {
  readonly at: readonly Query[]
  readonly base64: boolean
  /** How it is changed, or why it cannot be. */
  readonly write: WriteCall | { readonly byHand: string }
}

export interface WriteCall {
  readonly method: 'PUT' | 'PATCH' | 'POST'
  readonly path: PathTemplate
  readonly body: BodyTemplate
}

/** Ids of a record and of those that it is part of, by the name of the resource. */
export type RecordIds = ReadonlyMap<string, string>
