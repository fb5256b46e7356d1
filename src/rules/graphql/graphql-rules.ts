/** What a policy says of a GraphQL endpoint, resolved against its schema. Types only. */
import type { GraphQLSchema } from 'graphql'
import type { Limits } from '../../json/limits.ts'
import type { RouteMasking } from '../compiled-policy.ts'
import type { Unlisted } from '../policy/document.ts'
import type { Operation } from './operation.ts'

/** How one field of the schema is treated: by its classes, else in clear where it is plain, else as what is not listed. */
export interface FieldRule {
  readonly classes: readonly string[]
  readonly plain: boolean
}

/** Objects of a type are data subjects. */
export interface TypedSubject {
  readonly kind: string
  /** An object type. */
  readonly type: string
  /** The field with the id. */
  readonly idField: string
}

export interface GraphqlLimits {
  /** Nesting of fields. */
  readonly depthMax: number
  /** Fields under another name than their own. */
  readonly aliasesMax: number
  /** Fields, each as often as lists around it are asked to be long. */
  readonly costMax: number
}

export interface GraphqlRules {
  readonly schema: GraphQLSchema
  /** By `Type.field`; what is missing is not listed. */
  readonly fields: ReadonlyMap<string, FieldRule>
  /** `Type.field.argument` and `InputType.field` that everybody may use. */
  readonly arguments: ReadonlySet<string>
  readonly subjects: readonly TypedSubject[]
  readonly introspection: boolean
  readonly unlisted: Unlisted
  readonly limits: GraphqlLimits
}

/** For whom an answer is masked. */
export interface Viewer {
  readonly roles: readonly string[]
  /** Classes that are shown for this request only. */
  readonly revealed: readonly string[]
}

/** A route whose requests are operations of GraphQL. */
export interface GraphqlRoute {
  readonly rules: GraphqlRules
  readonly limits: Limits
  /** The masking of the answer to an operation; undefined where it cannot be masked in one way. Names are sorted. */
  readonly maskingFor: (operation: Operation, viewer: Viewer) => RouteMasking | undefined
}
