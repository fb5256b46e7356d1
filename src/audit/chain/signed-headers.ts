/**
 * Signs requests to an object store as Amazon S3 and those that are made like it want it (AWS Signature Version 4): all headers and
 * the body, for one region. The algorithm is that of a library; here is what it is to sign.
 */
import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'

/** Who signs. `token` belongs to keys that are lent for a while. */
export interface SigningKeys {
  readonly region: string
  readonly id: string
  readonly secret: string
  readonly token: string | undefined
}

export interface UnsignedRequest {
  readonly method: string
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty: there is none. */
  readonly body: string
}

/** The headers with those of the signature. A body is sent with its checksum: stores that lock objects demand it. */
export async function signedHeaders(
  { method, url, headers, body }: UnsignedRequest,
  { region, id, secret, token }: SigningKeys,
  nowMs: number,
): Promise<Readonly<Record<string, string>>> {
  const digest = createHash('sha256').update(body).digest()
  const signer = new AwsV4Signer({
    method,
    url,
    headers: {
      ...headers,
      'x-amz-content-sha256': digest.toString('hex'),
      ...(body !== '' && { 'x-amz-checksum-sha256': digest.toString('base64') }),
    },
    accessKeyId: id,
    secretAccessKey: secret,
    ...(token !== undefined && { sessionToken: token }),
    service: 's3',
    region,
    datetime: basicTime(nowMs),
    allHeaders: true,
  })
  const signed = await signer.sign()
  return Object.fromEntries(signed.headers)
}

/** `20261125T203000Z`, ISO 8601 in its basic form. */
function basicTime(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
