/** One record of each kind that the gateway makes, by name. */
import { apiActivity } from '../../../src/audit/api-activity.ts'
import { detectionFinding } from '../../../src/audit/detection-finding.ts'
import { policyActivity } from '../../../src/audit/policy-activity.ts'
import { refusalsActivity } from '../../../src/audit/refusals-activity.ts'
import type { AuditRecord } from '../../../src/core/audit-record.ts'
import {
  ACCESS,
  FINDING,
  INTENT,
  POLICY_LOADED,
  REFUSALS,
  REFUSED_ACCESS,
} from '../../helpers/audit-facts.ts'

const PART = { phase: 'interim', window: 2, bytesBefore: 262_144 } as const

export const SAMPLES: Readonly<Record<string, AuditRecord>> = {
  access: apiActivity(ACCESS),
  'access-refused': apiActivity(REFUSED_ACCESS),
  'access-window': apiActivity({
    ...ACCESS,
    phase: PART.phase,
    address: '2001:db8::7',
    part: PART,
  }),
  'access-intent': apiActivity(INTENT),
  finding: detectionFinding(FINDING),
  'policy-loaded': policyActivity(POLICY_LOADED),
  'policy-refused': policyActivity({ ...POLICY_LOADED, activity: 'refused', faults: 3 }),
  refusals: refusalsActivity(REFUSALS),
}
