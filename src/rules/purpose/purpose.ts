/** What data is asked for: a name from the policy's list, said by the request, or recognized by what it carries. */
import { matchTemplate } from '../routing/route-template.ts'
import type { RouteTemplate } from '../routing/route-template.ts'

/** Purposes by name, each with what it is recognized by. */
export type Purposes = ReadonlyMap<string, readonly Derivation[]>

export interface Derivation {
  /** Lower case. */
  readonly header: string
  /** Of an address: scheme, host and port. Undefined: the header is no address. */
  readonly origin: string | undefined
  /** Of the path, or of the whole value. */
  readonly template: RouteTemplate
}

/** The purpose of a request. */
export interface Purpose {
  readonly name: string
  /** The header that says so. */
  readonly header: string
  /** What stands for `{ticket}` there. */
  readonly ticket: string | undefined
}

/** The headers of a request, by names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The header in which a request says it. */
export const PURPOSE_HEADER = 'celosia-purpose'
/** A longer one is not looked at. */
const CHARS_MAX = 4_096
const ADDRESS = /^https?:\/\/[!-~]+$/

/**
 * The purpose that the request names, else the first of `needed` that it is recognized by. Undefined: neither; `unknown`: it
 * names one that the policy does not have.
 */
export function findPurpose(
  purposes: Purposes,
  needed: ReadonlySet<string> | undefined,
  headers: RequestHeaders,
): Purpose | 'unknown' | undefined {
  const said = headers[PURPOSE_HEADER]
  if (said !== undefined) {
    return typeof said === 'string' && purposes.has(said)
      ? { name: said, header: PURPOSE_HEADER, ticket: undefined }
      : 'unknown'
  }
  for (const name of needed ?? []) {
    for (const derivation of purposes.get(name) ?? []) {
      const { header } = derivation
      const parameters = matchHeader(derivation, headers[header])
      if (parameters !== undefined) return { name, header, ticket: parameters.get('ticket') }
    }
  }
  return undefined
}

function matchHeader(
  { origin, template }: Derivation,
  value: string | readonly string[] | undefined,
): ReadonlyMap<string, string> | undefined {
  if (typeof value !== 'string' || value.length > CHARS_MAX) return undefined
  if (origin === undefined) return matchTemplate(template, value.split('/'))
  // What URL would drop or repair is no address that a browser sends, and neither is one with a name before the host.
  const address = ADDRESS.test(value) ? URL.parse(value) : null
  if (address?.origin !== origin || address.username !== '') return undefined
  return matchTemplate(template, address.pathname.slice(1).split('/'))
}
