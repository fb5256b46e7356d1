/** Grants as the log tells them: what was asked for, approved, ended and reviewed. Nothing here is verified yet. */
import type { GrantEntry, GrantRequest } from './grant-entry.ts'

/** How long the log of grants is kept: longer than a yearly review takes to come. */
export const GRANT_KEPT_MS = 400 * 86_400_000
/** Grants that are kept; of more, nothing is known. */
export const GRANTS_MAX = 10_000
/** Approvals of one grant: the first good one counts. */
const APPROVALS_MAX = 10

/** One grant with all that was said of it. */
export interface Grant {
  readonly id: string
  readonly request: GrantRequest | undefined
  /** Signed tokens, in the order of the log. */
  readonly approvals: readonly string[]
  readonly revokedMs: number | undefined
  readonly revokedBy: string | undefined
  readonly reviewedMs: number | undefined
  readonly reviewedBy: string | undefined
}

export class GrantBook {
  readonly #grants = new Map<string, Grant>()

  /** False where there are too many. */
  add(entry: GrantEntry): boolean {
    const found = this.#grants.get(entry.id)
    if (found === undefined && this.#grants.size >= GRANTS_MAX) return false
    this.#grants.set(entry.id, withEntry(found ?? emptyGrant(entry.id), entry))
    return true
  }

  get(id: string): Grant | undefined {
    return this.#grants.get(id)
  }

  all(): readonly Grant[] {
    return [...this.#grants.values()]
  }
}

function emptyGrant(id: string): Grant {
  return {
    id,
    request: undefined,
    approvals: [],
    revokedMs: undefined,
    revokedBy: undefined,
    reviewedMs: undefined,
    reviewedBy: undefined,
  }
}

// What was said first stands: a second request under an id, or a later end, changes nothing.
function withEntry(grant: Grant, entry: GrantEntry): Grant {
  switch (entry.kind) {
    case 'request':
      return { ...grant, request: grant.request ?? entry }
    case 'approval':
      return grant.approvals.length >= APPROVALS_MAX || grant.approvals.includes(entry.token)
        ? grant
        : { ...grant, approvals: [...grant.approvals, entry.token] }
    case 'revocation':
      return grant.revokedMs === undefined
        ? { ...grant, revokedMs: entry.atMs, revokedBy: entry.by }
        : grant
    default:
      return grant.reviewedMs === undefined
        ? { ...grant, reviewedMs: entry.atMs, reviewedBy: entry.by }
        : grant
  }
}
