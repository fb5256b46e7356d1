/** Asks an upstream past the pipeline: whether the planted values are there, and whether it refuses who has no credential. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import type { Agent } from 'undici'
import type { Upstream } from '../../rules/compiled-policy.ts'
import { missingCanaries, SEARCHED_BYTES_MAX } from '../../rules/self-test/find-canaries.ts'
import type { CanaryRecord, DirectCheck } from '../../rules/self-test/self-test-rules.ts'
import { answerFormat } from '../answer/answer-formats.ts'
import { upstreamFailure } from '../upstream-failure.ts'
import { baseHeaders } from '../upstream-headers.ts'
import type { Check } from './check.ts'
import { readSome } from './read-some.ts'

/** With what, and under which id, until when. */
export interface UpstreamAsk {
  readonly client: Agent
  readonly requestId: string
  readonly signal: AbortSignal
  /** Names of upstreams that did not answer in this run: they are not waited for again. */
  readonly away: Set<string>
}

const NOT_AGAIN = 'the upstream is not asked again in this run'
const GONE: ReadonlySet<number> = new Set([404, 410])
const LIMIT = { maxOutputLength: SEARCHED_BYTES_MAX }
const DECODERS = {
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
  gzip: promisify(gunzip),
  zstd: promisify(zstdDecompress),
} as const

/** Whether the record holds what was planted in it. `failed`: it is gone, or some of it is. */
export async function checkPlanted(canary: CanaryRecord, ask: UpstreamAsk): Promise<Check> {
  const { name, route, target, values } = canary
  const { upstream, format } = route
  const base = { kind: 'planted', name, upstream: upstream.name, roles: [] } as const
  const verdict = (
    state: Check['state'],
    note: string,
    of: readonly { dataClass: string }[] = [],
  ) => ({
    ...base,
    route: route.template.text,
    state,
    note,
    classes: [...new Set(of.map(({ dataClass }) => dataClass))],
    accessId: undefined,
  })
  const { requestId } = ask
  const headers = {
    ...baseHeaders(upstream, { requestId }, format),
    'accept-encoding': 'identity',
    'cache-control': 'no-cache',
  }
  try {
    const { status, coding, bytes } = await get(upstream, target, headers, ask)
    if (GONE.has(status)) return verdict('failed', `the upstream answers ${status}`, values)
    if (status !== 200) return verdict('unknown', `the upstream answers ${status}`)
    const body = bytes && (await decoded(bytes, coding))
    const missing = body && missingCanaries(body, values)
    if (missing === undefined) return verdict('unknown', 'the answer cannot be searched')
    return missing.length === 0
      ? verdict('passed', 'everything that was planted is there')
      : verdict('failed', 'values that were planted are not there', missing)
  } catch (error) {
    return verdict('unknown', failure(error, upstream, ask))
  }
}

/** Whether the upstream refuses a request without the credential. `failed`: it answers. */
export async function checkDirect(
  { upstream, target, refused }: DirectCheck,
  ask: UpstreamAsk,
): Promise<Check> {
  const { name } = upstream
  const verdict = (state: Check['state'], note: string): Check => ({
    kind: 'direct',
    name,
    upstream: name,
    route: undefined,
    roles: [],
    state,
    note,
    classes: [],
    accessId: undefined,
  })
  // Nothing of the policy's headers: any of them can be the credential.
  const headers = {
    host: upstream.host,
    accept: answerFormat({ kind: 'json' }).accept,
    'accept-encoding': 'identity',
    'user-agent': 'celosia',
  }
  try {
    const { status } = await get(upstream, target, headers, ask)
    const note = `the upstream answers ${status}`
    if (refused.has(status)) return verdict('passed', note)
    return verdict(status >= 500 ? 'unknown' : 'failed', note)
  } catch (error) {
    return verdict('unknown', failure(error, upstream, ask))
  }
}

interface UpstreamSaid {
  readonly status: number
  /** As the upstream names it. */
  readonly coding: unknown
  /** Undefined: more than is searched. */
  readonly bytes: Buffer | undefined
}

async function get(
  { name, origin, pathPrefix }: Upstream,
  target: string,
  headers: Record<string, string>,
  { client, signal, away }: UpstreamAsk,
): Promise<UpstreamSaid> {
  if (away.has(name)) throw new Error(NOT_AGAIN)
  const answer = await client.request({
    origin,
    path: pathPrefix + target,
    method: 'GET',
    headers,
    signal,
  })
  const bytes = await readSome(answer.body)
  return { status: answer.statusCode, coding: answer.headers['content-encoding'], bytes }
}

/** The body without its coding, which was not asked for; undefined where that cannot be undone, or makes too much. */
async function decoded(bytes: Buffer, coding: unknown): Promise<Buffer | undefined> {
  if (coding === undefined || coding === 'identity') return bytes
  const decode = Object.entries(DECODERS).find(([name]) => name === coding)?.[1]
  return decode?.(bytes, LIMIT).catch(() => undefined)
}

function failure(error: unknown, { name }: Upstream, { away }: UpstreamAsk): string {
  if (away.has(name)) return NOT_AGAIN
  away.add(name)
  if (!(error instanceof Error)) return 'the upstream could not be asked'
  if (error.name === 'TimeoutError') return 'the upstream did not answer in time'
  return upstreamFailure(error).reason === 'upstream-timeout'
    ? 'the upstream did not answer in time'
    : 'the upstream cannot be reached'
}
