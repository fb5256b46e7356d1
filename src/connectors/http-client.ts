/** Asks a helpdesk: not faster than allowed, with a deadline and a cap on answers, and never another address than its own. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../core/clock.ts'
import type { Connector } from './connector.ts'
import { ConnectorError } from './errors.ts'

/** Largest answer that is read. */
export const ANSWER_BYTES_MAX = 16_777_216
/** How often a request that only reads is made, or one that was turned away. */
const TRIES_MAX = 5
const FIRST_PAUSE_MS = 500
/** Longest pause that an answer can ask for. */
const PAUSE_MS_MAX = 60_000
/** Answers that say that nothing was done, and to come again. */
const TURNED_AWAY: ReadonlySet<number> = new Set([429, 503])
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

export interface HelpdeskRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST'
  /** Path with query, or a whole address of the helpdesk itself. */
  readonly address: string
  /** JSON. */
  readonly body?: string
}

export interface HelpdeskClient {
  /** The bytes of a 2xx. Throws {@link ConnectorError}. */
  readonly ask: (request: HelpdeskRequest) => Promise<Buffer>
  /** How many requests were made. */
  readonly requests: () => number
}

export function createHelpdeskClient(
  { url, headers, requestsPerSecond, timeoutMs }: Connector,
  clock: Clock,
): HelpdeskClient {
  const gapMs = 1_000 / requestsPerSecond
  let nextMs = 0
  let requests = 0
  const turn = async (): Promise<void> => {
    const waitMs = nextMs - clock.monotonicMs()
    nextMs = Math.max(nextMs, clock.monotonicMs()) + gapMs
    if (waitMs > 0) await sleep(waitMs)
    requests += 1
  }
  const once = async ({ method, address, body }: HelpdeskRequest): Promise<Response> => {
    await turn()
    return fetch(ownAddress(address, url), {
      method,
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body }),
    })
  }
  return {
    ask: async (request) => {
      const reads = request.method === 'GET'
      for (let tries = 1; ; tries += 1) {
        const answer = await once(request).catch((cause: unknown) => cause)
        if (!(answer instanceof Response)) {
          if (answer instanceof ConnectorError) throw answer
          if (!reads || tries === TRIES_MAX) {
            throw new ConnectorError('the helpdesk cannot be reached', { cause: answer })
          }
          await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1))
          continue
        }
        const { status } = answer
        if (status >= 200 && status < 300) return readBounded(answer)
        await letGo(answer)
        const again = (reads ? PASSING : TURNED_AWAY).has(status) && tries < TRIES_MAX
        if (!again) throw new ConnectorError(`the helpdesk answered ${status}`, { status })
        await sleep(pauseOf(answer, tries))
      }
    },
    requests: () => requests,
  }
}

/** What is said beside a status that is no success is not read. */
async function letGo({ body, status }: Response): Promise<void> {
  try {
    await body?.cancel()
  } catch (cause) {
    throw new ConnectorError(`the helpdesk answered ${status} and broke off`, { cause, status })
  }
}

/** The whole address; what is not of the helpdesk would be sent its credential. */
function ownAddress(address: string, url: string): string {
  const own = URL.parse(url)
  const found = URL.parse(
    address.startsWith('/') && !address.startsWith('//') ? `${url}${address}` : address,
  )
  const prefix = own?.pathname === '/' ? '/' : `${own?.pathname}/`
  const inside = found?.pathname.startsWith(prefix) === true && found.username === ''
  if (own === null || found === null || found.origin !== own.origin || !inside) {
    throw new ConnectorError('a page leads to another address than that of the helpdesk')
  }
  return found.href
}

function pauseOf(answer: Response, tries: number): number {
  const asked = Number(answer.headers.get('retry-after') ?? Number.NaN) * 1_000
  const own = FIRST_PAUSE_MS * 2 ** (tries - 1)
  return Math.min(Number.isFinite(asked) && asked > 0 ? asked : own, PAUSE_MS_MAX)
}

async function readBounded(answer: Response): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of answer.body ?? []) {
      size += part.byteLength
      if (size > ANSWER_BYTES_MAX)
        throw new ConnectorError('an answer of the helpdesk is too large')
      parts.push(part)
    }
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause
    throw new ConnectorError('an answer of the helpdesk broke off', { cause })
  }
  return Buffer.concat(parts)
}
