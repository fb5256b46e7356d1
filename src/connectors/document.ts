/** A connector as its author wrote it, after the schema has been checked. Data only. */

export interface ConnectorDocument {
  readonly version: 1
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly requestsPerSecond?: number
  readonly timeout?: string
  readonly resources: Readonly<Record<string, ResourceDocument>>
}

export interface ResourceDocument {
  readonly of?: string
  readonly list: {
    readonly get: string
    readonly items: string
    readonly next?: string
    readonly page?: string
  }
  readonly id: string
  readonly read?: { readonly get: string; readonly at?: string; readonly each?: boolean }
  readonly texts?: readonly TextsDocument[]
  readonly attachments?: { readonly at: string; readonly id: string }
  readonly copies?: Readonly<Record<string, string | readonly string[]>>
}

export interface TextsDocument {
  readonly at: string | readonly string[]
  readonly as?: 'base64'
  readonly byHand?: string
  readonly write?: WriteDocument
}

export interface WriteDocument {
  readonly put?: string
  readonly patch?: string
  readonly post?: string
  readonly body: unknown
}
