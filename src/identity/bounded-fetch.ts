/** Fetches small JSON documents of an issuer: no redirects, a deadline, and a cap on the body. */
import { parseClaims } from './strict-json.ts'
import type { Claims } from './strict-json.ts'
import { IssuerUnavailableError } from './errors.ts'

/** Largest document of an issuer that is read. */
export const DOCUMENT_BYTES_MAX = 262_144
/** Wait for an issuer's answer, its body included. */
const TIMEOUT_MS = 2_000

export interface DocumentRequest {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Undefined: GET. */
  readonly form?: URLSearchParams
}

/**
 * The JSON object that the issuer answers. Throws {@link IssuerUnavailableError} where it cannot be reached, the status is not
 * 200, or the body is too large or not what {@link parseClaims} takes.
 */
export async function fetchDocument({ url, headers, form }: DocumentRequest): Promise<Claims> {
  const response = await ask(url, {
    redirect: 'manual',
    headers: { accept: 'application/json', ...headers },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(form !== undefined && { method: 'POST', body: form }),
  })
  const body = await readBounded(response)
  if (response.status !== 200)
    throw new IssuerUnavailableError(`the issuer answered ${response.status}`)
  return documentOf(body)
}

/**
 * For libraries that ask an issuer by themselves: the same bounds on any answer. Throws {@link IssuerUnavailableError} where it cannot be
 * reached, or answers too much.
 */
export async function boundedFetch(url: string, options: RequestInit): Promise<Response> {
  const response = await ask(url, {
    ...options,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const body = await readBounded(response)
  const { status, headers } = response
  return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers })
}

/** The JSON object in the bytes of a document. Throws {@link IssuerUnavailableError} where they are none. */
export function documentOf(bytes: Uint8Array): Claims {
  const document = parseClaims(bytes)
  if (document === undefined)
    throw new IssuerUnavailableError('the document of an issuer is no JSON object')
  return document
}

async function ask(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options)
  } catch (cause) {
    throw new IssuerUnavailableError('the issuer cannot be reached', { cause })
  }
}

async function readBounded(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of response.body ?? []) {
      size += part.byteLength
      if (size > DOCUMENT_BYTES_MAX)
        throw new IssuerUnavailableError('the document of an issuer is too large')
      parts.push(part)
    }
  } catch (cause) {
    if (cause instanceof IssuerUnavailableError) throw cause
    throw new IssuerUnavailableError('the answer of an issuer broke off', { cause })
  }
  return Buffer.concat(parts)
}
