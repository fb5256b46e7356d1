/**
 * A sample helpdesk in Zendesk's shape, for the demo and for tests. It knows one bearer token and
 * shows everything to whoever has it, as a real one does to an integration; hiding is the gateway's
 * work. What is written lasts as long as it runs.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { helpdeskData, readStoredTexts, type HelpdeskData } from './helpdesk-data.ts'
import { answerTo } from './helpdesk-routes.ts'
import { listen } from './listen.ts'
import { update } from './update.ts'

/** Body of an update. */
const BODY_BYTES_MAX = 65_536

export interface HelpdeskOptions {
  /** 0 takes a free port. */
  readonly port: number
  readonly host: string
  /** The credential that a caller must send, `Authorization: Bearer <token>`. */
  readonly token: string
}

export interface Helpdesk {
  /** Origin without a slash at the end; every absolute link in the answers starts with it. */
  readonly url: string
  readonly close: () => Promise<void>
}

/**
 * Serves `/api/v2/...` from demo/data. Rejects where the port is taken or the data cannot be read.
 */
export async function startHelpdesk({ port, host, token }: HelpdeskOptions): Promise<Helpdesk> {
  if (token === '') throw new RangeError('the helpdesk needs a token')
  const texts = await readStoredTexts()
  const { origin, close } = await listen({ host, port }, (own) =>
    helpdeskListener(helpdeskData(texts, own), { origin: own, token }),
  )
  return { url: origin, close }
}

function helpdeskListener(
  data: HelpdeskData,
  { origin, token }: { readonly origin: string; readonly token: string },
): RequestListener {
  const expected = digest(`Bearer ${token}`)
  return (request, response) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      response.setHeader('www-authenticate', 'Bearer')
      sendJson(response, 401, '{"error":"Couldn\'t authenticate you"}')
      return
    }
    if (request.method === 'PUT') {
      void receiveUpdate(request, response, data)
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      // The body is not read, so the connection cannot be used again (RFC 9112 9.3).
      response.setHeader('allow', 'GET, HEAD, PUT').setHeader('connection', 'close')
      sendJson(
        response,
        405,
        '{"error":"MethodNotAllowed","description":"This helpdesk reads and updates"}',
      )
      return
    }
    const body = answerTo(request.url ?? '', { data, origin })
    if (body === undefined) {
      sendJson(response, 404, ERRORS[404])
      return
    }
    sendFound(request, response, body)
  }
}

const ERRORS = {
  400: '{"error":"BadRequest","description":"The body is no JSON object"}',
  404: '{"error":"RecordNotFound","description":"Not found"}',
  413: '{"error":"PayloadTooLarge","description":"The body is too large"}',
  422: '{"error":"RecordInvalid","description":"Record validation errors"}',
} as const

async function receiveUpdate(
  request: IncomingMessage,
  response: ServerResponse,
  data: HelpdeskData,
): Promise<void> {
  const body = await readBody(request).catch(() => undefined)
  if (body === undefined) {
    response.setHeader('connection', 'close')
    sendJson(response, 413, ERRORS[413])
    return
  }
  const updated = update(request.url ?? '', body, data, Date.now())
  sendJson(response, updated.status, 'body' in updated ? updated.body : ERRORS[updated.status])
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > BODY_BYTES_MAX) throw new RangeError('the body is too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

function sendFound(request: IncomingMessage, response: ServerResponse, body: string): void {
  const tag = `"${createHash('sha256').update(body).digest('base64url')}"`
  response.setHeader('etag', tag).setHeader('cache-control', 'max-age=0, private, must-revalidate')
  if (namesTag(request.headers['if-none-match'], tag)) response.writeHead(304).end()
  else sendJson(response, 200, body)
}

/** Weak comparison with each listed tag (RFC 9110 13.1.2). */
function namesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  const listed = (ifNoneMatch ?? '').split(',').map((item) => item.trim().replace(/^W\//, ''))
  return listed.some((item) => item === tag || item === '*')
}

function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  // node:http leaves the body out of an answer to HEAD.
  response.end(body)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
