/** Asks the gateway for a planted record as a subject of some roles, and looks for what these must not be told. */
import type { Server } from 'node:http'
import type { Reason } from '../../core/reasons.ts'
import { PERMIT_REASONS } from '../../core/reasons-permit.ts'
import { findCanaries } from '../../rules/self-test/find-canaries.ts'
import type { CanaryAsk, CanaryRecord } from '../../rules/self-test/self-test-rules.ts'
import type { SelfTestCall } from '../exchange.ts'
import type { Check } from './check.ts'
import { askInside } from './inner-call.ts'

/** Where it is asked, and until when. */
export interface InsideAsk {
  readonly server: Server
  readonly signal: AbortSignal
}

/** The note of what could not be asked, or was cut. */
export const NO_ANSWER = 'no whole answer came in time'

/** Of one record and one role set. Never rejects. */
export async function checkHidden(
  canary: CanaryRecord,
  { roles, hidden }: CanaryAsk,
  { server, signal }: InsideAsk,
): Promise<Check> {
  const { name, route, target, purpose } = canary
  const call: SelfTestCall = { roles, exchange: undefined }
  const verdict = (
    state: Check['state'],
    note: string,
    classes: readonly string[] = [],
  ): Check => ({
    kind: 'hidden',
    name,
    upstream: route.upstream.name,
    route: route.template.text,
    roles,
    state,
    note,
    classes,
    accessId: call.exchange?.part?.recordId ?? call.exchange?.recordId,
  })
  try {
    const { status, bytes } = await askInside(server, { target, purpose, call, signal })
    const found = bytes && findCanaries(bytes, hidden)
    if (found === undefined) return verdict('unknown', 'the answer cannot be searched')
    if (found.length > 0) {
      const classes = [...new Set(found.map(({ dataClass }) => dataClass))]
      return verdict('failed', 'the answer tells what must be hidden', classes)
    }
    const reason = call.exchange?.reasons.at(-1)
    if (!isPermit(reason)) return verdict('unknown', `refused: ${reason ?? 'no answer'}`)
    return status < 400
      ? verdict('passed', 'nothing of what must be hidden is told')
      : verdict('unknown', `the upstream answers ${status}`)
  } catch {
    // Whatever it was, nothing was found out. What the pipeline refuses has a record of its own.
    return verdict('unknown', NO_ANSWER)
  }
}

/** What can be said where the record could not be read on the gateway's own account. */
export function notAsked(
  { name, route }: CanaryRecord,
  { roles }: CanaryAsk,
  { note }: Pick<Check, 'note'>,
): Check {
  return {
    kind: 'hidden',
    name,
    upstream: route.upstream.name,
    route: route.template.text,
    roles,
    state: 'unknown',
    note: `not asked: ${note}`,
    classes: [],
    accessId: undefined,
  }
}

function isPermit(reason: Reason | undefined): boolean {
  return reason !== undefined && Object.hasOwn(PERMIT_REASONS, reason)
}
