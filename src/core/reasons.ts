/**
 * Why a request was refused or permitted: the closed list. A caller sees the reason's title and status in an RFC 9457
 * problem document; the audit record has the reason itself. docs/reasons.md is held against this table by a test.
 */

export interface ReasonEntry {
  /** Status of the answer. 200 stands for a permit: the upstream's own status is passed on. */
  readonly status: number
  /** Fixed title of the problem document: tells nothing about the data. */
  readonly title: string
  /** One sentence for operators. */
  readonly meaning: string
}

export const REASONS = {
  'role-permits': {
    status: 200,
    title: 'OK',
    meaning: 'A known role of the subject may use the route.',
  },
  'revocation-received': {
    status: 200,
    title: 'OK',
    meaning:
      'A logout token or a security event was taken; what it names is revoked. A security event is answered with 202.',
  },
  'training-overdue': {
    status: 200,
    title: 'OK',
    meaning:
      'The privacy training of the subject is overdue or not known, so every class was masked. Stands beside another reason.',
  },
  'preflight-answered': {
    status: 204,
    title: 'No content',
    meaning:
      'A browser asked what scripts of a listed origin may send. Nothing of the upstream is told.',
  },
  'request-unreadable': {
    status: 400,
    title: 'Bad request',
    meaning:
      'The bytes are no HTTP/1.1 request: framing, request line, header syntax or size (431), or they came too slowly (408).',
  },
  'target-malformed': {
    status: 400,
    title: 'Bad request target',
    meaning:
      'The request target is not one canonical path (dots, encodings, slashes, fragments, absolute forms).',
  },
  'header-malformed': {
    status: 400,
    title: 'Bad request header',
    meaning:
      'A header is repeated, malformed or asks for what the gateway does not do (Host, Connection, Expect, TE), or the version is not HTTP/1.0 or 1.1.',
  },
  'parameter-undeclared': {
    status: 400,
    title: 'Bad query parameter',
    meaning:
      'A query parameter is not declared for the route, is repeated, or has a value that is not allowed.',
  },
  'cursor-refused': {
    status: 400,
    title: 'Bad query parameter',
    meaning:
      'A sealed cursor is altered or too old, or was sealed for another subject, route, tenant or key.',
  },
  'body-unexpected': {
    status: 400,
    title: 'Unexpected request body',
    meaning: 'The request has a body where the route takes none.',
  },
  'body-malformed': {
    status: 400,
    title: 'Bad request body',
    meaning:
      'The body is missing, is not of its type (JSON without double names, a form), or exceeds a limit of what is read.',
  },
  'member-undeclared': {
    status: 400,
    title: 'Bad request body',
    meaning: 'The body has a member that the route does not name.',
  },
  'logout-token-invalid': {
    status: 400,
    title: 'Invalid logout token',
    meaning: 'What was sent to the back-channel logout is no good logout token of an issuer.',
  },
  'security-event-invalid': {
    status: 400,
    title: 'Invalid security event',
    meaning: 'What was sent to the receiver of Shared Signals is no good event of a transmitter.',
  },
  'token-missing': {
    status: 401,
    title: 'Authentication required',
    meaning: 'No bearer token, or more than one.',
  },
  'token-invalid': {
    status: 401,
    title: 'Invalid token',
    meaning:
      'The token does not verify: form, signature, issuer, audience, algorithm or life time.',
  },
  'token-revoked': {
    status: 401,
    title: 'Invalid token',
    meaning: 'The token, its session, or all that its subject had got by then was revoked.',
  },
  'assurance-insufficient': {
    status: 401,
    title: 'Insufficient user authentication',
    meaning:
      'The route, or a class that the roles show, needs an assurance level that the login does not meet; the challenge says which (RFC 9470).',
  },
  'origin-refused': {
    status: 403,
    title: 'Forbidden',
    meaning: 'A browser asked for an origin that `cors` does not list.',
  },
  'roles-malformed': {
    status: 403,
    title: 'Forbidden',
    meaning: 'The role claim of the token has a shape that the policy does not declare.',
  },
  'roles-elsewhere': {
    status: 403,
    title: 'Forbidden',
    meaning:
      'The token says that it does not hold the role claim (`_claim_names`, `hasgroups`), so the roles are not known.',
  },
  'role-unknown': {
    status: 403,
    title: 'Forbidden',
    meaning: 'No role of the token is known to the policy.',
  },
  'route-forbidden': {
    status: 403,
    title: 'Forbidden',
    meaning: 'The route is for other roles than those of the subject.',
  },
  'search-forbidden': {
    status: 403,
    title: 'Forbidden',
    meaning: 'The request searches by data of a class that the roles may not see.',
  },
  'write-forbidden': {
    status: 403,
    title: 'Forbidden',
    meaning: 'The body sets data of a class that the roles may not see.',
  },
  'template-refused': {
    status: 403,
    title: 'Template refused',
    meaning:
      'Free text has a template expression, which the helpdesk could fill in with what the roles may not see.',
  },
  'lookups-exceeded': {
    status: 403,
    title: 'Too many look-ups',
    meaning: 'A look-up rule with `block` has passed its threshold for this subject.',
  },
  'route-unlisted': {
    status: 404,
    title: 'Not found',
    meaning: 'No route of the policy matches the method and path.',
  },
  'write-refused': {
    status: 409,
    title: 'Write refused',
    meaning:
      'The write would set, remove, show or copy what the roles do not see, or has what could be a mask in its place. The answer names the places.',
  },
  'write-conflict': {
    status: 409,
    title: 'The record has changed',
    meaning: 'The record changed between being read and being written, so nothing was written.',
  },
  'body-too-slow': {
    status: 408,
    title: 'Request timeout',
    meaning: 'The body of the request did not arrive in time.',
  },
  'body-too-large': {
    status: 413,
    title: 'Request body too large',
    meaning:
      'The body of the request is larger than `limits.requestBodyBytesMax`, or than what is held against a record.',
  },
  'body-type-undeclared': {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'The body has a media type, charset or content coding that the route does not take.',
  },
  'upgrade-refused': {
    status: 426,
    title: 'Upgrade refused',
    meaning: 'Protocol upgrades (WebSocket, h2c) cannot be masked and are refused.',
  },
  'request-aborted': {
    status: 499,
    title: 'Client closed request',
    meaning: 'The caller went away before the answer left.',
  },
  'outcome-unknown': {
    status: 500,
    title: 'Outcome unknown',
    meaning:
      'Only in the audit: the gateway ended before the outcome was on record, so nobody knows whether the request took effect.',
  },
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
  'counters-unavailable': {
    status: 503,
    title: 'Look-up counters unavailable',
    meaning: 'The look-up counters do not answer, so nothing leaves.',
  },
  'revocations-unavailable': {
    status: 503,
    title: 'Revocations unavailable',
    meaning: 'Whether the token was revoked cannot be known now, so nothing leaves.',
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

export type Reason = keyof typeof REASONS
