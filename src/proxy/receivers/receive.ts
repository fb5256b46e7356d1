/**
 * What identity providers send to the gateway itself: logout tokens and security events, at exact paths that no route can
 * have. They bring their own proof, so no caller is asked for; what they revoke is durable before they are answered.
 */
import type { FastifyReply } from 'fastify'
import { revocationActivity } from '../../audit/revocation-activity.ts'
import { AuditUnavailableError } from '../../audit/errors.ts'
import { IssuerUnavailableError } from '../../identity/errors.ts'
import type { RevocationDraft, RevocationSource } from '../../identity/revocation/revocation.ts'
import { SharedLogUnavailableError } from '../../identity/shared-log/shared-log.ts'
import type { Exchange } from '../exchange.ts'
import { sendNotice, sendRefusal } from '../outcome.ts'
import { RefusedError } from '../refused.ts'
import { framingFault } from '../request/framing.ts'
import { receiveBody } from '../request/receive-body.ts'
import type { Services } from '../services.ts'
import { backchannelLogout } from './backchannel-logout.ts'
import { sharedSignals } from './shared-signals.ts'

/** Largest body of a receiver: one token. */
const BODY_BYTES_MAX = 16_384

/** What a receiver makes of a body. */
export interface Received {
  /** Nothing where what was said ends no session. */
  readonly drafts: readonly RevocationDraft[]
  /** Of the answer. */
  readonly status: number
}

export interface Receiver {
  readonly path: string
  readonly source: RevocationSource
  /** Media type of the body, in lower case. */
  readonly type: string
  /** Whether the policy has somebody who may send. */
  readonly enabled: (policy: Services['policy']) => boolean
  /** Throws RefusedError, or IssuerUnavailableError. */
  readonly read: (body: Buffer, exchange: Exchange, services: Services) => Promise<Received>
}

const RECEIVERS: readonly Receiver[] = [backchannelLogout, sharedSignals]

/** The receiver that the request is for, or undefined. */
export function receiverOf({ raw, target }: Exchange, { policy }: Services): Receiver | undefined {
  if (raw.method !== 'POST' || target === undefined || target.parameters.length > 0)
    return undefined
  const path = `/${target.parts.join('/')}`
  return RECEIVERS.find((receiver) => receiver.path === path && receiver.enabled(policy))
}

/** Takes what was sent and answers. Never rejects. */
export async function receive(
  receiver: Receiver,
  exchange: Exchange,
  reply: FastifyReply,
  services: Services,
): Promise<void> {
  try {
    const fault = framingFault(exchange.raw)
    if (fault !== undefined) throw new RefusedError(fault)
    const type = (exchange.raw.headers['content-type'] ?? '').toLowerCase().split(';')[0]?.trim()
    if (type !== receiver.type) throw new RefusedError('body-type-undeclared')
    const body = await receiveBody(exchange, services, BODY_BYTES_MAX)
    const { drafts, status } = await receiver.read(body, exchange, services)
    await revoke(drafts, receiver.source, services)
    sendNotice(exchange, reply, services, { status, reason: 'revocation-received' })
  } catch (error) {
    await sendRefusal(exchange, reply, services, asRefused(error))
  }
}

/** Makes them hold everywhere, and puts them on record. */
export async function revoke(
  drafts: readonly RevocationDraft[],
  source: RevocationSource,
  services: Services,
): Promise<void> {
  if (drafts.length === 0) return
  const { ids, clock, revocations, audit } = services
  const made = drafts.map((draft) => ({ ...draft, id: ids(), atMs: clock.nowMs(), source }))
  await revocations.add(made)
  await audit.append(made.map((one) => revocationActivity({ ...one, timeMs: one.atMs })))
}

/** What cannot be known or kept now, as a refusal. */
export function asRefused(cause: unknown): unknown {
  if (cause instanceof IssuerUnavailableError)
    return new RefusedError('issuer-unavailable', { cause })
  if (cause instanceof SharedLogUnavailableError)
    return new RefusedError('revocations-unavailable', { cause })
  if (cause instanceof AuditUnavailableError)
    return new RefusedError('audit-unavailable', { cause })
  return cause
}
