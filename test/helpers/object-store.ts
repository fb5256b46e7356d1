/**
 * A fake object store for tests: takes objects by PUT and shows them by GET, as Amazon S3 does. It works out each signature
 * (AWS Signature Version 4) by itself, step by step as the algorithm is written down, and shares no code with what signs.
 */
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenOnLoopback, LOOPBACK } from './free-port.ts'
import type { TestScope } from './process.ts'

/** A request as its signature sees it. */
export interface SignedRequest {
  readonly method: string
  /** As it stands in the request line. */
  readonly target: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export interface StoreKeys {
  readonly region: string
  readonly service: string
  readonly id: string
  readonly secret: string
  readonly token?: string
}

const SKEW_MS = 900_000
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(\S+?)\/(\d{8})\/(\S+?)\/(\S+?)\/aws4_request, ?SignedHeaders=([a-z\d;-]+), ?Signature=([\da-f]{64})$/

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest()

/** The signature over these headers. `date` is the first part of the scope. */
export function signatureOf(
  { method, target, headers, body }: SignedRequest,
  { region, service, secret }: StoreKeys,
  signed: readonly string[],
): string {
  const [path = '', query = ''] = target.split('?')
  const parameters = query.split('&').filter((part) => part !== '')
  const time = headers.get('x-amz-date') ?? ''
  const canonical = [
    method,
    path,
    parameters.toSorted((a, b) => (a < b ? -1 : 1)).join('&'),
    ...signed.map((name) => `${name}:${(headers.get(name) ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    headers.get('x-amz-content-sha256') ?? sha256(body),
  ].join('\n')
  const scope = [time.slice(0, 8), region, service, 'aws4_request']
  const key = scope.reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`)
  return hmac(
    key,
    ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n'),
  ).toString('hex')
}

/** Why the store refuses a request; undefined where it does not. */
export function refusalOf(
  request: SignedRequest,
  keys: StoreKeys,
  nowMs: number,
): string | undefined {
  const { headers, body } = request
  const found = AUTHORIZATION.exec(headers.get('authorization') ?? '')
  if (found === null) return 'no authorization'
  const [, id, date, region, service, names = '', signature] = found
  const time = headers.get('x-amz-date') ?? ''
  const iso = time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const signed = names.split(';')
  if (id !== keys.id || region !== keys.region || service !== keys.service) return 'other keys'
  if (date !== time.slice(0, 8)) return 'another day'
  if (!(Math.abs(Date.parse(iso) - nowMs) <= SKEW_MS)) return 'another time'
  if (headers.get('x-amz-security-token') !== keys.token) return 'another token'
  if (headers.get('x-amz-content-sha256') !== sha256(body)) return 'another body'
  const checksum = createHash('sha256').update(body).digest('base64')
  if ((headers.get('x-amz-checksum-sha256') ?? checksum) !== checksum) return 'another checksum'
  const own = [...headers.keys()].filter((name) => name.startsWith('x-amz-'))
  if (!['host', ...own].every((name) => signed.includes(name))) return 'headers without signature'
  return signatureOf(request, keys, signed) === signature ? undefined : 'another signature'
}

export interface ObjectStore {
  readonly url: string
  /** By path. */
  readonly objects: Map<string, string>
  /** Why requests were refused, in order. */
  readonly refusals: string[]
  /** What comes before each request is looked at: a status is answered at once. */
  before: ((request: SignedRequest) => number | undefined) | undefined
}

/** Starts it. */
export async function startObjectStore(t: TestScope, keys: StoreKeys): Promise<ObjectStore> {
  const objects = new Map<string, string>()
  const refusals: string[] = []
  const answer = (request: SignedRequest): { status: number; body?: string } => {
    const early = store.before?.(request)
    if (early !== undefined) return { status: early }
    const refusal = refusalOf(request, keys, Date.now())
    if (refusal !== undefined) {
      refusals.push(refusal)
      return { status: 403 }
    }
    const [path = ''] = request.target.split('?')
    const known = objects.get(path)
    if (request.method === 'GET')
      return known === undefined ? { status: 404 } : { status: 200, body: known }
    if (known !== undefined && request.headers.get('if-none-match') === '*') return { status: 412 }
    objects.set(path, request.body)
    return { status: 200 }
  }
  const answerTo = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body } = answer(await readRequest(incoming))
    response.writeHead(status).end(body)
  }
  const server = createServer((incoming, response) => {
    void answerTo(incoming, response)
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const port = await listenOnLoopback(server)
  const store: ObjectStore = {
    url: `http://${LOOPBACK}:${port}`,
    objects,
    refusals,
    before: undefined,
  }
  return store
}

async function readRequest(incoming: IncomingMessage): Promise<SignedRequest> {
  const headers = new Map(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  )
  return {
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    headers,
    body: await text(incoming),
  }
}
