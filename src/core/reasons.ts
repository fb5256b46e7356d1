/**
 * Why a request was refused or permitted: the closed list. A caller sees the reason's title and status in an RFC 9457
 * problem document; the audit record has the reason itself. docs/reasons.md is held against this table by a test.
 */
import { CALLER_REASONS } from './reasons-caller.ts'
import { GATEWAY_REASONS } from './reasons-gateway.ts'
import { IDENTITY_REASONS } from './reasons-identity.ts'
import { PERMIT_REASONS } from './reasons-permit.ts'

/** All of them. */
export const REASONS = {
  ...PERMIT_REASONS,
  ...IDENTITY_REASONS,
  ...CALLER_REASONS,
  ...GATEWAY_REASONS,
} as const

export type Reason = keyof typeof REASONS
