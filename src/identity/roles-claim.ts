/**
 * Reads the roles out of a verified token's claims, as the policy declares their shape. Any other shape is refused: a role
 * claim that is misread is an access that nobody granted.
 */
import { CelosiaError } from '../core/errors.ts'
import { Budget } from '../json/evaluate/budget.ts'
import { selectNodes } from '../json/evaluate/select.ts'
import { DEFAULT_LIMITS } from '../json/limits.ts'
import type { Query } from '../json/query/ast.ts'
import { decodeString } from '../json/tape/text.ts'
import { buildTape, KIND_ARRAY, KIND_STRING } from '../json/tape/tape.ts'
import type { Tape } from '../json/tape/tape.ts'
import type { RoleClaim } from '../rules/trust.ts'
import type { TokenClaims } from './token-claims.ts'

/** Role names that are read from one token. */
export const ROLES_MAX = 1_000
const STEPS_MAX = 100_000

/** What a token says of roles: their names, or why they are not known. */
export type ClaimedRoles =
  | { readonly names: readonly string[] }
  /** `roles-malformed`: another shape than declared. `roles-elsewhere`: the token says that the claim is not in it. */
  | { readonly fault: 'roles-malformed' | 'roles-elsewhere' }

const MALFORMED: ClaimedRoles = { fault: 'roles-malformed' }

/**
 * The roles in the order of the claim, by the mapping of the issuer where it has one; none where the query selects nothing.
 * Malformed are: a selected node that is no string, what should be a list and is none, spaces that do not stand between
 * two names, more than {@link ROLES_MAX}, and claims beyond the limits of reading.
 */
export function readRoles({ all, payload }: TokenClaims, claim: RoleClaim): ClaimedRoles {
  if (isElsewhere(all, claim.query)) return { fault: 'roles-elsewhere' }
  const values = readValues(payload, claim)
  if (values === undefined) return MALFORMED
  const { map } = claim
  if (map === undefined) return { names: values }
  return { names: values.flatMap((value) => map.get(value) ?? []) }
}

function readValues(payload: Uint8Array, claim: RoleClaim): readonly string[] | undefined {
  try {
    const tape = buildTape(payload, 0, payload.byteLength, DEFAULT_LIMITS)
    const texts = selectTexts(tape, claim)
    const values = claim.split === 'space' ? texts?.flatMap((text) => text.split(' ')) : texts
    if (values === undefined || values.length > ROLES_MAX) return undefined
    return claim.split === 'space' && values.includes('') ? undefined : values
  } catch (error) {
    if (error instanceof CelosiaError) return undefined
    throw error
  }
}

function selectTexts(tape: Tape, { query, lists }: RoleClaim): readonly string[] | undefined {
  const budget = new Budget(STEPS_MAX)
  // `[*]` also selects the members of an object, and nothing of a text: neither is the list that was declared.
  if (lists !== undefined) {
    const declared = selectNodes(lists, tape, budget)
    if (declared.some((node) => tape.kind[node] !== KIND_ARRAY)) return undefined
  }
  const nodes = selectNodes(query, tape, budget)
  if (nodes.length > ROLES_MAX || nodes.some((node) => tape.kind[node] !== KIND_STRING))
    return undefined
  return nodes.map((node) =>
    decodeString(tape.bytes, (tape.start[node] ?? 0) + 1, (tape.end[node] ?? 0) - 1),
  )
}

/**
 * True where the token says that the claim has to be fetched somewhere (OpenID Connect Core 5.6.2), as Entra ID does for
 * people in more groups than a token has room for: what a token lacks is not known to be empty.
 */
function isElsewhere(all: TokenClaims['all'], query: Query): boolean {
  const read = claimsRead(query)
  const concerns = (claim: string) => read === undefined || read.includes(claim)
  const names = all['_claim_names']
  const distributed = typeof names === 'object' && names !== null ? Object.keys(names) : []
  if (names !== undefined && (read === undefined || distributed.some(concerns))) return true
  return all['hasgroups'] !== undefined && all['hasgroups'] !== false && concerns('groups')
}

/** Names of the claims that the query can reach; undefined: it may reach each. */
function claimsRead({ segments: [first] }: Query): readonly string[] | undefined {
  if (first === undefined || first.kind === 'descendant') return undefined
  const names = first.selectors.flatMap((selector) =>
    selector.kind === 'name' ? [selector.name] : [],
  )
  return names.length === first.selectors.length ? names : undefined
}
