/**
 * Searches of a request: each expression that the route declares is judged for these roles and goes on in one spelling. Terms
 * are kept as keyed pseudonyms only, from here on.
 */
import { Budget } from '../../json/evaluate/budget.ts'
import { selectNodes } from '../../json/evaluate/select.ts'
import type { AuditedTerm } from '../../core/audit-facts.ts'
import type { RouteMasking } from '../../rules/compiled-policy.ts'
import { BODY_STEPS_MAX } from '../../rules/request/cover.ts'
import { askBody, askText } from '../../rules/search/ask.ts'
import type { Asked } from '../../rules/search/ask.ts'
import type { SearchRules } from '../../rules/search/search-rules.ts'
import { termPseudonym } from '../access-facts.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'

/** Judges every search of the request. Throws {@link RefusedError} `search-forbidden`, whatever is wrong with one. */
export function checkSearches(exchange: Exchange, services: Services): void {
  const { match, masking } = exchange
  if (match === undefined || masking === undefined) throw new RefusedError('internal-error')
  const edits = new Map<number, string>()
  const asked = match.route.search.flatMap((rules) => {
    switch (rules.place.kind) {
      case 'parameter':
        return askParameter(exchange, rules, masking)
      case 'path':
        return askPath(rules, match.parameters.get(rules.place.name), masking)
      default:
        return askLocation(exchange, rules, masking, edits)
    }
  })
  const { body } = exchange
  if (body !== undefined && edits.size > 0) exchange.body = { ...body, bytes: body.write(edits) }
  exchange.searches = asked.length > 0
  exchange.terms = pseudonyms(asked, services)
}

function askParameter(exchange: Exchange, rules: SearchRules, masking: RouteMasking): Asked[] {
  const { place } = rules
  const at = exchange.parameters.findIndex(
    ([name]) => place.kind === 'parameter' && name === place.name,
  )
  const [name, text] = exchange.parameters[at] ?? []
  if (name === undefined || text === undefined) return []
  const asked = askText(rules, text, masking)
  if (asked === undefined) throw new RefusedError('search-forbidden')
  exchange.parameters = exchange.parameters.with(at, [name, asked.text ?? text])
  return [asked]
}

// A value has one spelling in a path already.
function askPath(rules: SearchRules, text: string | undefined, masking: RouteMasking): Asked[] {
  const asked = text === undefined ? undefined : askText(rules, text, masking)
  if (asked === undefined) throw new RefusedError('search-forbidden')
  return [asked]
}

function askLocation(
  exchange: Exchange,
  rules: SearchRules,
  masking: RouteMasking,
  edits: Map<number, string>,
): Asked[] {
  const { body } = exchange
  if (body === undefined || rules.place.kind !== 'body') return []
  const tape = body.covered?.tape
  // What is passed unread may be any search.
  if (tape === undefined && !masking.seesAll) throw new RefusedError('search-forbidden')
  if (tape === undefined) return []
  const [node] = selectNodes(rules.place.query, tape, new Budget(BODY_STEPS_MAX))
  if (node === undefined) return []
  const asked = askBody(rules, { tape, node }, masking)
  if (asked === undefined) throw new RefusedError('search-forbidden')
  if (asked.text !== undefined) edits.set(node, asked.text)
  return [asked]
}

function pseudonyms(
  asked: readonly Asked[],
  { auditPseudonymizer }: Services,
): readonly AuditedTerm[] {
  const terms = new Map<string, AuditedTerm>()
  for (const { dataClass, text } of asked.flatMap((one) => one.terms)) {
    // A policy with such a search has a key.
    if (auditPseudonymizer === undefined) throw new RefusedError('internal-error')
    const pseudonym = termPseudonym(auditPseudonymizer, dataClass, text)
    terms.set(pseudonym, { class: dataClass, pseudonym })
  }
  return [...terms.values()]
}
