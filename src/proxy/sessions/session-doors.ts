/** Addresses of the gateway itself where browsers log in and out, which no route can have. */
import type { Exchange } from '../exchange.ts'
import { asRefused } from '../receivers/receive.ts'
import type { Notice } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import { framingFault, hasBody } from '../request/framing.ts'
import type { Services } from '../services.ts'
import { TokenError } from '../../identity/errors.ts'
import { beginLogin } from './begin-login.ts'
import type { SessionDoor } from './door.ts'
import { finishLogin } from './finish-login.ts'
import { logOut } from './log-out.ts'

const DOORS: readonly SessionDoor[] = [
  { method: 'GET', path: '/celosia/login', answer: beginLogin },
  { method: 'GET', path: '/celosia/callback', answer: finishLogin },
  { method: 'POST', path: '/celosia/logout', answer: logOut },
]

/** The door that the request is for, or undefined. */
export function sessionDoorOf(
  { raw, target }: Exchange,
  { policy }: Services,
): SessionDoor | undefined {
  if (policy.session === undefined || target === undefined) return undefined
  const path = `/${target.parts.join('/')}`
  return DOORS.find((door) => door.method === raw.method && door.path === path)
}

/** What is answered there. Throws RefusedError. */
export async function openDoor(
  door: SessionDoor,
  exchange: Exchange,
  services: Services,
): Promise<Notice> {
  const { login, sealer, policy } = services
  const rules = policy.session
  if (login === undefined || sealer === undefined || rules === undefined)
    throw new RefusedError('internal-error')
  const fault = framingFault(exchange.raw)
  if (fault !== undefined) throw new RefusedError(fault)
  if (hasBody(exchange.raw)) throw new RefusedError('body-unexpected')
  try {
    return await door.answer(exchange, { ...services, login, sealer, rules })
  } catch (cause) {
    if (cause instanceof TokenError) throw new RefusedError(cause.reason, { cause })
    throw asRefused(cause)
  }
}
