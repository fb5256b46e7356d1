/** Reasons of refusals that lie with who asks, how that is proven, and what for. */
import type { ReasonEntry } from './reasons-entry.ts'

/** In the order of the steps. */
export const IDENTITY_REASONS = {
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
  'session-ended': {
    status: 401,
    title: 'Authentication required',
    meaning:
      'The cookie names no session: it ended, by a logout, its lifetime or idleness, or never began. A page that is opened is led to a login (303).',
  },
  'login-failed': {
    status: 400,
    title: 'Login failed',
    meaning:
      'A login at the identity provider was refused, is none that this browser began in the last ten minutes, or is not of the level that was asked for.',
  },
  'proof-invalid': {
    status: 401,
    title: 'Invalid proof',
    meaning:
      'The token is bound to a key, and the `DPoP` header is missing or no proof of that key for this request (RFC 9449).',
  },
  'proof-replayed': {
    status: 401,
    title: 'Invalid proof',
    meaning: 'The proof in `DPoP` was used before.',
  },
  'proof-nonce-missing': {
    status: 401,
    title: 'Nonce required',
    meaning:
      'The proof in `DPoP` has no nonce, or one that is too old; the answer brings one in `DPoP-Nonce`.',
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
  'cross-site-refused': {
    status: 403,
    title: 'Forbidden',
    meaning:
      'The browser brought the token by itself, and the page that caused the request is of no listed origin, or not known.',
  },
  'csrf-token-missing': {
    status: 403,
    title: 'Token required',
    meaning:
      'The browser brought the token by itself, and `Celosia-CSRF` lacks the token of an earlier answer in the same session.',
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
  'purpose-malformed': {
    status: 400,
    title: 'Bad request',
    meaning: 'The header `Celosia-Purpose` names no purpose of the policy.',
  },
  'purpose-missing': {
    status: 403,
    title: 'Purpose missing',
    meaning:
      'The route needs a purpose, and the request neither says one nor is recognized by one.',
  },
  'purpose-forbidden': {
    status: 403,
    title: 'Forbidden',
    meaning: 'The purpose of the request is not one that the route is for.',
  },
} as const satisfies Record<string, ReasonEntry>
