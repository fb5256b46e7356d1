/** The shipping file as its author wrote it, after the schema has been checked. Data only. */
import type { Format } from '../encoder.ts'

export interface ShipDocument {
  readonly version: 1
  readonly group?: string
  readonly takeOverAfter?: string
  readonly deadLettersMax?: number
  readonly sinks: Readonly<Record<string, SinkDocument>>
}

/** A sink: what it gets, how, and exactly one of the members of {@link SinkKinds}. */
export interface SinkDocument extends SinkKinds {
  readonly format?: Format
  readonly filter?: FilterDocument
  readonly batch?: {
    readonly recordsMax?: number
    readonly bytesMax?: number
    readonly pause?: string
  }
  readonly retry?: { readonly first?: string; readonly max?: string; readonly refusals?: number }
  readonly timeout?: string
  readonly lateAfter?: string
  readonly recordBytesMax?: number
}

export interface SinkKinds {
  readonly syslog?: SyslogDocument
  readonly splunk?: SplunkDocument
  readonly otlp?: OtlpDocument
  readonly webhook?: WebhookDocument
  readonly file?: FileDocument
  readonly redisList?: RedisListDocument
  readonly stdout?: Readonly<Record<string, never>>
}

export interface FilterDocument {
  readonly types?: readonly string[]
  readonly severity?: SeverityName
  readonly routes?: readonly string[]
  readonly classes?: readonly string[]
}

/** OCSF's severities, in their order. */
export const SEVERITY_NAMES = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type SeverityName = (typeof SEVERITY_NAMES)[number]

/** Somewhere on the network. */
export interface RemoteDocument {
  readonly url: string
  /** Names of PEM files. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly unencrypted?: 'allowed'
}

export interface SyslogDocument extends RemoteDocument {
  readonly facility?: number
  readonly hostname?: string
  readonly enterpriseNumber?: number
  readonly confirm?: 'closed' | 'received'
}

export interface SplunkDocument extends RemoteDocument {
  readonly token: string
  readonly index?: string
  readonly acknowledgement?: { readonly poll?: string; readonly timeout?: string }
}

export interface OtlpDocument extends RemoteDocument {
  readonly headers?: Readonly<Record<string, string>>
  readonly compression?: 'gzip' | 'none'
}

export interface WebhookDocument extends RemoteDocument {
  readonly secrets: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

export interface FileDocument {
  readonly path: string
  readonly rotateBytes?: number
  readonly keep?: number
}

export interface RedisListDocument {
  readonly url: string
  readonly key: string
  readonly entriesMax?: number
  readonly unencrypted?: 'allowed'
}
