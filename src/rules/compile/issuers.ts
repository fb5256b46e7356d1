/** Resolves the issuers of tokens: where their keys are, how their tokens are believed, and where the roles stand in them. */
import type { Introspection, Issuer, KeyPlace, LogoutTrust, RoleClaim } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { IssuerDocument } from '../policy/identity-document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'
import { durationUpTo } from './duration-up-to.ts'
import { httpUrl } from './http-url.ts'

/** A token that lives longer cannot be trusted to be over. */
const LIFE_MS_MAX = 86_400_000
const INTROSPECTION_MS = 30_000
const INTROSPECTION_MS_MAX = 300_000

/** The issuers in the order of the policy. What is wrong with one goes to `complaints`. */
export function compileIssuers(
  document: PolicyDocument,
  complaints: Complaints,
): readonly Issuer[] {
  const issuers: Issuer[] = []
  const seen = new Set<string>()
  for (const [index, entry] of document.identity.issuers.entries()) {
    const path = ['identity', 'issuers', index]
    if (seen.has(entry.issuer))
      complaints.add([...path, 'issuer'], `the issuer \`${entry.issuer}\` stands twice`)
    seen.add(entry.issuer)
    const roles = compileRoleClaim([...path, 'roles'], entry.roles, document, complaints)
    const keys = compileKeys(path, entry, complaints)
    const logout = compileLogout(path, entry, document, complaints)
    const introspection = compileIntrospection(path, entry, complaints)
    checkAlgorithms(path, entry, complaints)
    checkBinding(path, entry, document, complaints)
    const lifeMs = durationUpTo(
      [...path, 'maxLife'],
      entry.maxLife,
      { fallback: LIFE_MS_MAX, max: LIFE_MS_MAX, words: 'a token lives at most 24h' },
      complaints,
    )
    if (roles === undefined || keys === undefined) continue
    issuers.push({
      issuer: entry.issuer,
      audience: entry.audience,
      algorithms: entry.algorithms ?? [],
      roles,
      keys,
      typ: entry.typ,
      lifeSecondsMax: Math.floor(lifeMs / 1_000),
      introspection,
      dpopRequired: entry.dpop === 'required',
      certificateBound: entry.certificateBound,
      logout,
    })
  }
  checkOneIntrospection(document, complaints)
  return issuers
}

function checkAlgorithms(path: PolicyPath, entry: IssuerDocument, complaints: Complaints): void {
  if (entry.introspection === undefined) {
    if (entry.algorithms === undefined)
      complaints.addAtKey(
        path,
        `\`${path.join('.')}\` lacks \`algorithms\``,
        'name the signature algorithms of its tokens: algorithms: [ES256]',
      )
    return
  }
  for (const key of ['algorithms', 'jwks', 'typ'] as const) {
    if (entry[key] !== undefined)
      complaints.addAtKey(
        [...path, key],
        'with `introspection` the issuer itself is asked about each of its tokens; none is verified here',
      )
  }
}

function checkBinding(
  path: PolicyPath,
  { certificateBound, dpop }: IssuerDocument,
  { listen }: PolicyDocument,
  complaints: Complaints,
): void {
  if (certificateBound === undefined) return
  const at = [...path, 'certificateBound']
  if (listen?.tls.clients === undefined)
    complaints.addAtKey(at, 'nobody is asked for a certificate', 'add `listen.tls.clients`')
  if (dpop === 'required')
    complaints.addAtKey(at, 'with `dpop: required` its tokens are taken with proofs only')
}

// A token that only its issuer can read does not say whose it is, and must not be shown to anybody else.
function checkOneIntrospection({ identity }: PolicyDocument, complaints: Complaints): void {
  const asked = identity.issuers.flatMap(({ introspection }, index) =>
    introspection === undefined ? [] : [index],
  )
  for (const index of asked.slice(1)) {
    complaints.addAtKey(
      ['identity', 'issuers', index, 'introspection'],
      'one issuer at most can be asked about tokens: their text does not say whose they are',
    )
  }
}

function compileIntrospection(
  path: PolicyPath,
  { introspection }: IssuerDocument,
  complaints: Complaints,
): Introspection | undefined {
  if (introspection === undefined) return undefined
  const { url, clientId, clientSecret, cacheFor } = introspection
  const at = [...path, 'introspection']
  const cacheMs = durationUpTo(
    [...at, 'cacheFor'],
    cacheFor,
    {
      fallback: INTROSPECTION_MS,
      max: INTROSPECTION_MS_MAX,
      words: 'what an issuer says of a token holds at most 5m',
    },
    complaints,
  )
  const address = url === undefined ? undefined : httpUrl([...at, 'url'], url, complaints)
  return { url: address?.href, clientId, clientSecret, cacheMs }
}

function compileKeys(
  path: PolicyPath,
  entry: IssuerDocument,
  complaints: Complaints,
): KeyPlace | undefined {
  if (entry.introspection?.url !== undefined) return { kind: 'discovery', metadata: 'openid' }
  return keyPlace(path, entry, 'openid', complaints)
}

/** Where the keys of an issuer or a transmitter are, or undefined after a complaint. */
export function keyPlace(
  path: PolicyPath,
  { issuer, jwks }: Pick<IssuerDocument, 'issuer' | 'jwks'>,
  metadata: 'openid' | 'ssf',
  complaints: Complaints,
): KeyPlace | undefined {
  if (jwks === undefined) {
    const found = httpUrl([...path, 'issuer'], issuer, complaints)
    return found && { kind: 'discovery', metadata }
  }
  if ('file' in jwks) return { kind: 'file', file: jwks.file }
  const url = httpUrl([...path, 'jwks', 'url'], jwks.url, complaints)
  return url && { kind: 'url', url: url.href }
}

function compileLogout(
  path: PolicyPath,
  { logout, algorithms }: IssuerDocument,
  { identity }: PolicyDocument,
  complaints: Complaints,
): LogoutTrust | undefined {
  if (logout === undefined) return undefined
  if (identity.revocation === undefined) {
    complaints.addAtKey(
      [...path, 'logout'],
      'a logout has no effect where nothing can be revoked',
      'add identity.revocation: {}',
    )
  }
  const signed = logout.algorithms ?? algorithms
  if (signed === undefined)
    complaints.addAtKey([...path, 'logout'], 'name the signature algorithms of logout tokens here')
  return { audience: logout.audience, algorithms: signed ?? [] }
}

function compileRoleClaim(
  path: PolicyPath,
  entry: IssuerDocument['roles'],
  document: PolicyDocument,
  complaints: Complaints,
): RoleClaim | undefined {
  const { claim, split, map } = typeof entry === 'string' ? { claim: entry } : entry
  const at = typeof entry === 'string' ? path : [...path, 'claim']
  const query = complaints.query(at, claim)
  for (const [value, names] of Object.entries(map ?? {})) {
    for (const name of [names].flat())
      complaints.requireKnown([...path, 'map', value], 'role', name, Object.keys(document.roles))
  }
  if (query === undefined) return undefined
  const last = query.segments.at(-1)
  const list = last?.kind === 'child' && last.selectors.every(({ kind }) => kind === 'wildcard')
  return {
    query,
    lists: list ? { ...query, segments: query.segments.slice(0, -1) } : undefined,
    split,
    map:
      map && new Map(Object.entries(map).map(([value, names]) => [value, [names].flat()] as const)),
  }
}
