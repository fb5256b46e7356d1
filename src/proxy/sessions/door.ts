/** An address of the gateway itself where browsers log in or out. */
import type { LoginClient } from '../../identity/sessions/login-client.ts'
import type { Sealer } from '../../rules/sealer.ts'
import type { SessionRules } from '../../rules/trust.ts'
import type { Exchange } from '../exchange.ts'
import type { Notice } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'

/** What a door works with. */
export interface DoorServices extends Services {
  readonly login: LoginClient
  readonly rules: SessionRules
  readonly sealer: Sealer
}

export interface SessionDoor {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Throws RefusedError, or an error of identity. */
  readonly answer: (exchange: Exchange, services: DoorServices) => Promise<Notice>
}

/** The parameters of a request, each once at most. Throws {@link RefusedError} where there are others than these. */
export function doorParameters(
  { target }: Exchange,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const pairs = target?.parameters ?? []
  const found = new Map(pairs)
  if (found.size !== pairs.length || pairs.some(([name]) => !names.includes(name)))
    throw new RefusedError('parameter-undeclared')
  return found
}
