/** Sessions of one machine, in memory: they end with the process. */
import type { Clock } from '../../core/clock.ts'
import { SessionsUnavailableError } from '../errors.ts'
import type { SessionStore } from './session-store.ts'

/** Sessions at one time; a login beyond it is refused. */
const SESSIONS_MAX = 10_000

interface Kept {
  readonly owner: string
  readonly sealed: string
  untilMs: number
}

/** `sessionsMax`: how many there are at one time. */
export function createMemorySessionStore(clock: Clock, sessionsMax = SESSIONS_MAX): SessionStore {
  // The order of insertion is that of the logins.
  const sessions = new Map<string, Kept>()
  const dropEnded = () => {
    const nowMs = clock.monotonicMs()
    for (const [id, { untilMs }] of sessions) if (untilMs <= nowMs) sessions.delete(id)
  }
  return {
    begin: async ({ id, owner, sealed, idleMs, ownerMax }) => {
      dropEnded()
      const own = [...sessions].filter(([, kept]) => kept.owner === owner)
      for (const [oldest] of own.slice(0, Math.max(0, own.length - ownerMax + 1)))
        sessions.delete(oldest)
      if (sessions.size >= sessionsMax)
        throw new SessionsUnavailableError('there are too many sessions')
      sessions.set(id, { owner, sealed, untilMs: clock.monotonicMs() + idleMs })
    },
    find: async (id, idleMs) => {
      const kept = sessions.get(id)
      const nowMs = clock.monotonicMs()
      if (kept === undefined || kept.untilMs <= nowMs) return undefined
      kept.untilMs = nowMs + idleMs
      return kept.sealed
    },
    end: async ({ id }) => void sessions.delete(id),
    close: () => Promise.resolve(),
  }
}
