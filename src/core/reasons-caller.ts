/** Reasons of refusals that the caller can do something about. */
import type { ReasonEntry } from './reasons-entry.ts'

/** By status. */
export const CALLER_REASONS = {
  'request-unreadable': {
    status: 400,
    title: 'Bad request',
    meaning:
      'The bytes are no HTTP/1.1 request: framing, request line, header syntax or size (431), or they came too slowly (408).',
  },
  'handshake-failed': {
    status: 400,
    title: 'Bad request',
    meaning:
      'Only in the audit: the handshake of TLS came to nothing, or the client certificate is missing or does not hold.',
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
  'graphql-malformed': {
    status: 400,
    title: 'Bad GraphQL request',
    meaning:
      'The body is not one GraphQL request whose operation and variables are valid by the schema of the route.',
  },
  'graphql-limit': {
    status: 400,
    title: 'GraphQL request too large',
    meaning: 'The operation passes a limit of depth, aliases, fields, directives or cost.',
  },
  'graphql-ambiguous': {
    status: 400,
    title: 'Ambiguous GraphQL request',
    meaning:
      'One name of the answer stands for fields of which only some have a class: use different aliases.',
  },
  'graphql-refused': {
    status: 403,
    title: 'GraphQL request refused',
    meaning:
      'A mutation, subscription, batch, persisted query, directive, introspection or argument that the policy does not list.',
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
  'reveal-malformed': {
    status: 400,
    title: 'Bad reveal',
    meaning:
      'The header `Celosia-Reveal` is not in its one form, or gives a reason that is not one of the policy.',
  },
  'reveal-reason-missing': {
    status: 400,
    title: 'Reason required',
    meaning: 'The class is revealed only for a reason, and none was given.',
  },
  'reveal-text-refused': {
    status: 400,
    title: 'Personal data in the reason',
    meaning:
      'Personal data was found in the free text of `Celosia-Reveal`, or more than is looked at.',
  },
  'origin-refused': {
    status: 403,
    title: 'Forbidden',
    meaning: 'A browser asked for an origin that `cors` does not list.',
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
  'reveal-forbidden': {
    status: 403,
    title: 'Forbidden',
    meaning:
      'No role of the subject may reveal the class, the request changes something, or the privacy training is overdue.',
  },
  'reveal-outside-hours': {
    status: 403,
    title: 'Outside hours',
    meaning: 'The class is revealed at other hours only.',
  },
  'reveal-budget-spent': {
    status: 403,
    title: 'Budget spent',
    meaning:
      'The answer would reveal the class of more data subjects than the subject may see in a day; the answer says when the next begins.',
  },
  'grant-invalid': {
    status: 403,
    title: 'Forbidden',
    meaning:
      'The grant is not one that is in force for the subject, the class and a role that may have it.',
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
  'personal-data-refused': {
    status: 422,
    title: 'Personal data refused',
    meaning:
      'A text of the request has personal data of a class that the policy does not let in, or cannot be looked through. The answer names the places and the classes.',
  },
  'upgrade-refused': {
    status: 426,
    title: 'Upgrade refused',
    meaning: 'Protocol upgrades (WebSocket, h2c) cannot be masked and are refused.',
  },
  'lookups-throttled': {
    status: 429,
    title: 'Too many requests',
    meaning:
      'A look-up rule with `throttle` has passed its threshold for this subject; the answer says when the next request is taken.',
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
} as const satisfies Record<string, ReasonEntry>
