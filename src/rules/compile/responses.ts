/** Resolves what happens where somebody looks too much. */
import type { DetectionAction, DetectionRule } from '../detect/detection-rule.ts'
import type { DetectDocument } from '../policy/detect-document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { AssuranceLevel } from '../trust.ts'
import { levelOf } from './assurance.ts'
import type { Complaints } from './complaints.ts'
import { spanOf } from './span.ts'

/** The part of a rule that says so. */
export type Responses = Pick<DetectionRule, 'actions' | 'lastsMs' | 'stepUp' | 'throttle'>

const SPANS_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const

/** What is wrong goes to `complaints`. */
export function compileResponses(
  rule: DetectDocument,
  path: PolicyPath,
  levels: ReadonlyMap<string, AssuranceLevel>,
  complaints: Complaints,
): Responses {
  const actions: DetectionAction[] = []
  let stepUp: Responses['stepUp']
  let throttle: Responses['throttle']
  for (const [index, action] of rule.then.entries()) {
    if (typeof action === 'string') actions.push(action)
    else if ('stepUp' in action) {
      actions.push('stepUp')
      stepUp = levelOf([...path, 'then', index, 'stepUp'], action.stepUp, levels, complaints)
    } else {
      actions.push('throttle')
      throttle = throttleOf(action.throttle)
    }
  }
  if (new Set(actions).size < actions.length)
    complaints.add([...path, 'then'], 'each response stands once')
  const responds = actions.some((action) => action !== 'flag' && action !== 'notify')
  if (rule.for !== undefined && !responds)
    complaints.add([...path, 'for'], 'there is no response that could last')
  const lastsMs = rule.for === undefined ? 0 : spanOf([...path, 'for'], rule.for, complaints)
  return { actions, lastsMs, stepUp, throttle }
}

function throttleOf(text: string): Responses['throttle'] {
  const [requests, unit = ''] = text.split('/')
  return { requests: Number(requests), withinMs: SPANS_MS[unit as keyof typeof SPANS_MS] }
}
