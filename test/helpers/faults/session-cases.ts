/** Requests of a browser that is logged in at the gateway: one that reads, and one that logs out. */
import { parseCompactToken } from '../../../src/identity/compact-token.ts'
import {
  prepareSession,
  type SessionParts,
} from '../../../src/identity/sessions/browser-session.ts'
import { SESSION_COOKIE } from '../../../src/rules/compile/ambient.ts'
import { requestHead } from './request-head.ts'
import type { FaultCase } from './try-faults.ts'

export interface SessionCasesOptions {
  readonly idToken: string
  readonly parts: SessionParts
  /** The origin of the page that asks. */
  readonly page: string
  /** What a caller may see of canaries. */
  readonly allowed: readonly string[]
}

/** Each request with a session of its own: a logout ends it. */
export function sessionCases({
  idToken,
  parts,
  page,
  allowed,
}: SessionCasesOptions): readonly FaultCase[] {
  let last = ''
  const begun = async (): Promise<string> => {
    const { cookie, subject, begin } = prepareSession(parseCompactToken(idToken), parts)
    await begin()
    last = subject.jti ?? ''
    return `Cookie: ${SESSION_COOKIE}=${cookie}`
  }
  const isThere = async () => (await parts.sessions.find(last, 60_000)) !== undefined
  return [
    {
      name: 'session',
      bytes: async () =>
        requestHead('GET', '/api/v2/users/7', await begun(), 'Sec-Fetch-Site: same-origin'),
      allowed,
    },
    {
      name: 'logout',
      bytes: async () =>
        requestHead(
          'POST',
          '/celosia/logout',
          await begun(),
          `Origin: ${page}`,
          'Content-Length: 0',
        ),
      allowed: [],
      wrong: async (status) =>
        status === 303 && (await isThere()) ? 'a session outlived its logout' : undefined,
    },
  ]
}
