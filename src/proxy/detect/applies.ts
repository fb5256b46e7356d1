/** Which rules are about an exchange at all: by its route, by what it does, and by when. */
import type { DetectionRule, RequestEffect } from '../../rules/detect/detection-rule.ts'
import { isWithin } from '../../rules/reveal/local-time.ts'
import type { Exchange } from '../exchange.ts'

/** Formats that tools take whole, not screens. */
const EXPORTS: ReadonlySet<string> = new Set(['csv', 'tsv', 'ndjson', 'json-seq', 'opaque'])

/** What it exposes plays no part yet. */
export function applies(rule: DetectionRule, exchange: Exchange): boolean {
  const { match, purpose, timeMs } = exchange
  if (match === undefined) return false
  const { routes, effects, purposes, outside } = rule
  if (routes !== undefined && !routes.has(match.route.template.text)) return false
  if (effects !== undefined && !effectsOf(exchange).some((effect) => effects.has(effect)))
    return false
  if (purposes !== undefined && (purpose === undefined || !purposes.has(purpose.name))) return false
  return outside === undefined || !isWithin(outside, timeMs, outside.timeZone)
}

function effectsOf({ match, searches, reveal }: Exchange): readonly RequestEffect[] {
  const route = match?.route
  return [
    route?.effect === 'read' ? 'read' : 'write',
    ...(searches ? (['search'] as const) : []),
    ...(reveal === undefined ? [] : (['reveal'] as const)),
    ...(route !== undefined && EXPORTS.has(route.format.kind) ? (['export'] as const) : []),
  ]
}
