/** Fetches small JSON documents of an issuer: no redirects, a deadline, and a cap on the body. */
import type { FetchImplementation } from 'jose'

/** Largest JWKS or discovery document that is read. */
const DOCUMENT_BYTES_MAX = 262_144

/** A fetch for jose that reads at most 256 KiB and follows no redirect. */
export const boundedFetch: FetchImplementation = async (url, options) => {
  const response = await fetch(url, { ...options, redirect: 'manual' })
  const body = await readBounded(response)
  return new Response(new Uint8Array(body), { status: response.status, headers: response.headers })
}

/** The JSON at `url`. Throws where the status is not 200, the body is too large or is not JSON. */
export async function fetchJson(url: string, timeoutMs: number): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  })
  const body = await readBounded(response)
  if (response.status !== 200) throw new Error(`the issuer answered ${response.status}`)
  const value: unknown = JSON.parse(body.toString('utf8'))
  if (typeof value !== 'object' || value === null) throw new Error('the document is no JSON object')
  return value
}

async function readBounded(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    if (size > DOCUMENT_BYTES_MAX) throw new Error('the document of the issuer is too large')
    parts.push(part)
  }
  return Buffer.concat(parts)
}
