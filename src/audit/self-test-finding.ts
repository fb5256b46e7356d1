/** What the self-test found out: an answer tells what must be hidden, or it cannot be tested, or nobody needs the gateway. */
import type { SelfTestFindingFacts } from '../core/self-test-facts.ts'
import type { AuditRecord } from '../core/audit-record.ts'
import { API_ACTIVITY } from './api-activity.ts'
import { dataSecurityFinding } from './data-security-finding.ts'
import { CONTROL, SEVERITY } from './ocsf.ts'

/** The name of the rule in the finding. */
const RULE = 'self-test'

const SEVERITIES = {
  hidden: SEVERITY.critical,
  direct: SEVERITY.critical,
  planted: SEVERITY.medium,
} as const

const TITLES = {
  hidden: 'An answer tells what must be hidden',
  direct: 'The upstream answers without the gateway',
  planted: 'The self-test lacks its record',
} as const

/** The record of a failure, or of its end. */
export function selfTestFinding(facts: SelfTestFindingFacts): AuditRecord {
  const { check, name, route, roles, classes, accessId, refuses } = facts
  const closed = facts.state === 'passed'
  return dataSecurityFinding({
    id: facts.id,
    timeMs: facts.timeMs,
    severity: closed ? SEVERITY.informational : SEVERITIES[check],
    closed,
    title: TITLES[check],
    message: `${explanation(facts)}${closed ? ' It is over: the self-test passes.' : ''}`,
    type: 'Self-test',
    policy: facts.policy,
    upstream: facts.upstream,
    detectedBy: 'Self-test',
    more: {
      ...(refuses && !closed ? CONTROL.denied : CONTROL.observed),
      ...(roles.length > 0 && {
        actor: { user: { uid: 'self-test', groups: roles.map((role) => ({ name: role })) } },
      }),
    },
    related: accessId === undefined ? undefined : { uid: accessId, type: API_ACTIVITY.class },
    own: {
      rule: RULE,
      policy_sha256: facts.policy,
      classes,
      check,
      canary: name,
      ...(route !== undefined && { route }),
      ...(accessId !== undefined && { access_id: accessId }),
    },
  })
}

function explanation({
  check,
  name,
  route,
  roles,
  classes,
  refuses,
}: SelfTestFindingFacts): string {
  const values = classes.join(', ')
  if (check === 'direct')
    return `The upstream ${name} answers a request without the credential of the gateway.`
  if (check === 'planted') return `The record ${name} does not hold ${values} any more.`
  const then = refuses ? ' Answers are refused until it does not.' : ''
  return `${route} tells ${values} of the record ${name} to ${roles.join(' and ')}.${then}`
}
