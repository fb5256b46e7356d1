/** Resolves the purposes: names, and what they are recognized by. */
import type { PolicyDocument, RouteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Derivation, Purposes } from '../purpose/purpose.ts'
import { parseRouteTemplate } from '../routing/route-template.ts'
import type { Complaints } from './complaints.ts'

/** The one parameter that a pattern may have. */
const TICKET = 'ticket'
const ADDRESS = /^(https?:\/\/[^/]+)(\/.*)$/

/** By name. What is wrong goes to `complaints`. */
export function compilePurposes(document: PolicyDocument, complaints: Complaints): Purposes {
  const purposes = new Map<string, readonly Derivation[]>()
  for (const [name, { derive }] of Object.entries(document.purposes ?? {})) {
    const derivations = (derive ?? []).flatMap(({ header, match }, index) => {
      const path = ['purposes', name, 'derive', index, 'match']
      return compileDerivation(header, match, path, complaints) ?? []
    })
    purposes.set(name, derivations)
  }
  requirePurposes(document.defaults?.purpose ?? [], purposes, ['defaults', 'purpose'], complaints)
  return purposes
}

function compileDerivation(
  header: string,
  match: string,
  path: PolicyPath,
  complaints: Complaints,
): Derivation | undefined {
  const [, origin, rest] = header === 'referer' ? (ADDRESS.exec(match) ?? []) : []
  if (header === 'referer' && (origin === undefined || URL.parse(origin)?.origin !== origin)) {
    complaints.add(
      path,
      'not an address as browsers write it',
      'https://desk.example.com/tickets/{ticket:integer}, without a query',
    )
    return undefined
  }
  const template = parseRouteTemplate(`GET ${rest ?? `/${match}`}`)
  if ('fault' in template) {
    complaints.add(path, template.fault, template.hint)
    return undefined
  }
  const parameters = template.segments.flatMap((segment) =>
    segment.kind === 'parameter' ? [segment.name] : [],
  )
  if (parameters.some((parameter) => parameter !== TICKET))
    complaints.add(path, `the only parameter that is kept is {${TICKET}}`)
  return { header, origin, template }
}

/** The purposes that a route needs one of; undefined: none. */
export function compileRoutePurposes(
  { document, purposes }: { readonly document: PolicyDocument; readonly purposes: Purposes },
  { purpose, cache }: RouteDocument,
  path: PolicyPath,
  complaints: Complaints,
): ReadonlySet<string> | undefined {
  if (purpose === 'none') return undefined
  const own = purpose !== undefined
  const needed = purpose ?? document.defaults?.purpose
  if (needed === undefined) return undefined
  if (own) requirePurposes(needed, purposes, [...path, 'purpose'], complaints)
  if (cache !== undefined)
    complaints.addAtKey(
      [...path, 'cache'],
      'what a cache keeps is used for any purpose, and nothing is recorded',
      own ? 'leave out `cache`, or `purpose`' : 'leave out `cache`, or say `purpose: none`',
    )
  return new Set(needed)
}

function requirePurposes(
  names: readonly string[],
  known: Purposes,
  path: PolicyPath,
  complaints: Complaints,
): void {
  for (const [index, name] of names.entries())
    complaints.requireKnown([...path, index], 'purpose', name, known.keys())
}
