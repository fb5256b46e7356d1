/** The part of the policy as its author wrote it that says how callers connect, and where to. Data only. */

export interface ListenDocument {
  readonly tls: TlsDocument
}

/** Files of PEM, beside the policy. */
export interface TlsDocument {
  readonly certificate: string
  readonly key: string
  readonly clients?: {
    readonly authorities: string
    readonly revoked?: string
    readonly required?: boolean
  }
}

export interface UpstreamDocument {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeouts?: { readonly connect?: string; readonly answer?: string }
  readonly origins?: readonly string[]
  readonly codings?: readonly ('gzip' | 'deflate' | 'br' | 'zstd')[]
}
