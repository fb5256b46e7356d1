/** Resolves the requests that an upstream must refuse since they come without the gateway's credential. */
import type { Upstream } from '../compiled-policy.ts'
import type { SelfTestDocument } from '../policy/self-test-document.ts'
import { parseTarget } from '../request/target.ts'
import type { DirectCheck } from '../self-test/self-test-rules.ts'
import type { Complaints } from './complaints.ts'

const REFUSED = [401, 403]

/** What is wrong goes to `complaints`. */
export function compileDirect(
  direct: NonNullable<SelfTestDocument['direct']>,
  upstreams: ReadonlyMap<string, Upstream>,
  complaints: Complaints,
): readonly DirectCheck[] {
  return direct.flatMap(({ upstream: name, path: target, refused = REFUSED }, index) => {
    const at = ['selfTest', 'direct', index]
    const upstream = upstreams.get(name)
    if (parseTarget(target) === undefined)
      complaints.add([...at, 'path'], 'not a path with a query, as a caller would send them')
    if (upstream === undefined) {
      complaints.requireKnown([...at, 'upstream'], 'upstream', name, upstreams.keys())
      return []
    }
    return [{ upstream, target, refused: new Set(refused) }]
  })
}
