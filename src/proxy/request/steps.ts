/**
 * The way of a request up to the upstream, as a table: order is security here. Each step reads and fills the exchange,
 * and refuses by throwing.
 */
import { checkPreflight } from '../cors.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { openSealed } from '../cursors.ts'
import { askLookups } from '../lookups.ts'
import { findSubject, takeDecision } from './authorize.ts'
import { refuseLeaking } from '../self-test/breaker.ts'
import { takeBody } from './body.ts'
import { framingFault } from './framing.ts'
import { holdWrite } from './hold-write.ts'
import { recordIntent } from './intent.ts'
import { checkParameters } from '../../rules/request/check-parameters.ts'
import { checkSearches } from './search.ts'

export interface RequestStep {
  readonly name: string
  readonly run: (exchange: Exchange, services: Services) => Promise<void> | undefined | void
}

export const REQUEST_STEPS: readonly RequestStep[] = [
  { name: 'target', run: checkTarget },
  { name: 'framing', run: checkFraming },
  { name: 'preflight', run: checkPreflight },
  { name: 'subject', run: findSubject },
  { name: 'decision', run: takeDecision },
  { name: 'breaker', run: refuseLeaking },
  { name: 'guard', run: guardRequest },
  { name: 'body', run: takeBody },
  { name: 'search', run: checkSearches },
  { name: 'look-ups', run: checkLookups },
  { name: 'write', run: holdWrite },
  // Last: nothing may refuse or change the request between its intent and the upstream.
  { name: 'intent', run: recordIntent },
]

function checkTarget(exchange: Exchange): void {
  if (exchange.target === undefined) throw new RefusedError('target-malformed')
}

function checkFraming(exchange: Exchange): void {
  const fault = framingFault(exchange.raw)
  if (fault !== undefined) throw new RefusedError(fault)
}

function guardRequest(exchange: Exchange, services: Services): void {
  const declared = exchange.match?.route.query ?? new Map()
  const checked = checkParameters(exchange.target?.parameters ?? [], declared)
  if (checked === undefined) throw new RefusedError('parameter-undeclared')
  exchange.parameters = openSealed(checked, declared, exchange, services)
  if (declared === 'any' && checked.length > 0) {
    exchange.unchecked = [...exchange.unchecked, 'query']
  }
}

function checkLookups(exchange: Exchange, services: Services): Promise<void> | undefined {
  const nobody = services.policy.lookups.length === 0 || exchange.selfTest !== undefined
  return nobody ? undefined : askLookups(exchange, services)
}
