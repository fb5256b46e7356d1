/** Reasons of refusals that lie with the gateway, its stores, or what stands behind it. */
import type { ReasonEntry } from './reasons-entry.ts'

/** By status. */
export const GATEWAY_REASONS = {
  'internal-error': {
    status: 500,
    title: 'Internal error',
    meaning: 'A step of the pipeline failed; the request was refused.',
  },
  'record-unreadable': {
    status: 502,
    title: 'Record not readable',
    meaning:
      'The record that the write must be held against could not be read, or lacks the validator that the policy asks for. Nothing was written.',
  },
  'upstream-unreachable': {
    status: 502,
    title: 'Upstream unreachable',
    meaning: 'The upstream refused the connection, closed it or answered what is not HTTP.',
  },
  'upstream-status-refused': {
    status: 502,
    title: 'Upstream answer refused',
    meaning:
      'The status of the answer is none that leaves, or it is a part of a document (a range).',
  },
  'upstream-redirect-refused': {
    status: 502,
    title: 'Upstream answer refused',
    meaning:
      'A redirect, and the route leads none on, or it leads to no route of the same upstream.',
  },
  'upstream-type-refused': {
    status: 502,
    title: 'Upstream answer refused',
    meaning: 'The content type is missing, stands twice, is malformed or is not one of the route.',
  },
  'upstream-coding-refused': {
    status: 502,
    title: 'Upstream answer refused',
    meaning:
      'The content coding is not one that the policy lists, or the body is not whole and alone in it, or grows beyond all measure.',
  },
  'upstream-body-refused': {
    status: 502,
    title: 'Upstream answer refused',
    meaning: 'The body is not JSON, is too large, or exceeds a limit of the masking engine.',
  },
  'upstream-shape-refused': {
    status: 502,
    title: 'Upstream answer refused',
    meaning:
      'The answer does not have the shape that the route says, so its rules may not be for it.',
  },
  'upstream-error': {
    status: 502,
    title: 'Upstream error',
    meaning: 'The upstream answered with an error; its text is replaced.',
  },
  'audit-unavailable': {
    status: 503,
    title: 'Audit unavailable',
    meaning: 'The record of the access could not be made durable, so nothing leaves.',
  },
  'self-test-failed': {
    status: 503,
    title: 'Route closed',
    meaning:
      'The self-test found that answers of the route, or of any route where the policy closes all, tell what must be hidden. It is open again once the self-test passes.',
  },
  'counters-unavailable': {
    status: 503,
    title: 'Look-up counters unavailable',
    meaning: 'The look-up counters do not answer, so nothing leaves.',
  },
  'sessions-unavailable': {
    status: 503,
    title: 'Sessions unavailable',
    meaning: 'Sessions of browsers cannot be asked for or kept now, so nothing leaves.',
  },
  'revocations-unavailable': {
    status: 503,
    title: 'Revocations unavailable',
    meaning: 'Whether the token was revoked cannot be known now, so nothing leaves.',
  },
  'grants-unavailable': {
    status: 503,
    title: 'Grants unavailable',
    meaning: 'Whether the grant is in force cannot be known now, so nothing is revealed.',
  },
  'proofs-unavailable': {
    status: 503,
    title: 'Proofs unavailable',
    meaning: 'Whether the proof in `DPoP` was used before cannot be known now, so nothing leaves.',
  },
  'issuer-unavailable': {
    status: 503,
    title: 'Issuer unavailable',
    meaning:
      'The keys of the issuer cannot be fetched now, or the key of the token is not known yet.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    meaning: 'The gateway holds as many bodies as it may; try again.',
  },
  'upstream-timeout': {
    status: 504,
    title: 'Upstream timeout',
    meaning: 'The upstream did not answer in time.',
  },
} as const satisfies Record<string, ReasonEntry>
