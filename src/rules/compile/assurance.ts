/** Resolves what is asked of a subject beside its roles: levels of assurance, and privacy training. */
import { parseDuration } from '../../core/duration.ts'
import { isSingular } from '../../json/query/ast.ts'
import type { AssuranceLevel, Training } from '../trust.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'

/**
 * Levels that every policy has, unless it says what the name stands for itself. `phr` and `phrh` are those of OpenID Connect
 * Extended Authentication Profile ACR Values 1.0, `hwk` that of RFC 8176.
 */
const SHIPPED: readonly AssuranceLevel[] = [
  {
    name: 'phishing-resistant',
    acr: ['phr', 'phrh'],
    amr: ['hwk'],
    maxAgeSeconds: undefined,
  },
]

/** The levels by name. What is wrong with one goes to `complaints`. */
export function compileAssurance(
  { identity }: PolicyDocument,
  complaints: Complaints,
): ReadonlyMap<string, AssuranceLevel> {
  const levels = new Map(SHIPPED.map((level) => [level.name, level]))
  for (const [name, { acr = [], amr = [], maxAge }] of Object.entries(identity.assurance ?? {})) {
    if (acr.length + amr.length === 0 && maxAge === undefined) {
      complaints.addAtKey(
        ['identity', 'assurance', name],
        `the level \`${name}\` asks for nothing`,
        'name values of `acr` or `amr`, or a `maxAge`',
      )
    }
    const maxAgeSeconds = maxAge === undefined ? undefined : seconds(maxAge)
    levels.set(name, { name, acr, amr, maxAgeSeconds })
  }
  return levels
}

/** The level of that name, or undefined where none is asked for or after a complaint. */
export function levelOf(
  path: PolicyPath,
  name: string | undefined,
  levels: ReadonlyMap<string, AssuranceLevel>,
  complaints: Complaints,
): AssuranceLevel | undefined {
  if (name !== undefined) complaints.requireKnown(path, 'assurance level', name, levels.keys())
  return levels.get(name ?? '')
}

/** Undefined where the policy asks for no training, or after a complaint. */
export function compileTraining(
  { identity }: PolicyDocument,
  complaints: Complaints,
): Training | undefined {
  const { training } = identity
  if (training === undefined) return undefined
  const claim = claimSteps(['identity', 'training', 'claim'], training.claim, complaints)
  return claim && { claim, maxAgeMs: parseDuration(training.maxAge) ?? 0 }
}

// A name stands for itself; what begins with `$` is a query for one node.
function claimSteps(
  path: PolicyPath,
  text: string,
  complaints: Complaints,
): readonly (string | number)[] | undefined {
  if (!text.startsWith('$')) return [text]
  const query = complaints.query(path, text)
  if (query === undefined) return undefined
  if (query.segments.length === 0 || !isSingular(query.segments)) {
    complaints.add(path, 'the query must select one claim: only names and indices')
    return undefined
  }
  return query.segments.flatMap(({ selectors }) =>
    selectors.map((selector) => {
      if (selector.kind === 'name') return selector.name
      return selector.kind === 'index' ? selector.index : ''
    }),
  )
}

function seconds(duration: string): number {
  return Math.ceil((parseDuration(duration) ?? 0) / 1_000)
}
