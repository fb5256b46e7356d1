/**
 * The signed consent to a grant: a JWS of an approver's Ed25519 key over everything that is granted, to whom and until when.
 * What the log says beside it is not believed.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { CompactSign, compactVerify, errors } from 'jose'
import { CelosiaError } from '../../core/errors.ts'
import type { Approver } from '../../rules/reveal/break-glass.ts'
import { parseClaims } from '../strict-json.ts'
import type { Claims } from '../strict-json.ts'

const TYPE = 'celosia-grant+jwt'
const ALGORITHM = 'EdDSA'

/** Everything that is granted. */
export interface GrantTerms {
  readonly id: string
  /** The policy's: a grant of one is none of another. */
  readonly tenant: string
  readonly issuer: string
  readonly subject: string
  readonly classes: readonly string[]
  readonly code: string
  readonly ticket: string
  /** Seconds since 1970. */
  readonly fromS: number
  readonly untilS: number
}

/** An approval with who gave it. */
export interface Approval {
  readonly approver: Approver
  readonly terms: GrantTerms
}

/** The key of an approver is not one, or not the one that the policy has. */
export class ApproverKeyError extends CelosiaError {
  readonly code = 'ERR_KEY_INVALID'
}

/** Signs. Throws {@link ApproverKeyError} where the PEM is no Ed25519 key, or another one than the policy's. */
export async function signApproval(
  terms: GrantTerms,
  approver: Approver,
  pem: string,
): Promise<string> {
  const key = privateKeyOf(pem)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  if (publicKey.toString('base64') !== approver.key)
    throw new ApproverKeyError(`the key is not the one that the policy has of ${approver.name}`)
  return new CompactSign(Buffer.from(JSON.stringify(terms)))
    .setProtectedHeader({ alg: ALGORITHM, kid: approver.name, typ: TYPE })
    .sign(key)
}

function privateKeyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new ApproverKeyError('the key of an approver is not in PEM', { cause })
  }
  throw new ApproverKeyError('the key of an approver is one of Ed25519')
}

/** The approval in a token, or undefined where no approver of the policy has signed it, or it says something else. */
export async function readApproval(
  token: string,
  approvers: ReadonlyMap<string, Approver>,
): Promise<Approval | undefined> {
  try {
    let approver: Approver | undefined
    const { payload, protectedHeader } = await compactVerify(
      token,
      ({ kid }) => {
        approver = approvers.get(kid ?? '')
        if (approver === undefined) throw new errors.JWKSNoMatchingKey()
        return createPublicKey({
          key: Buffer.from(approver.key, 'base64'),
          type: 'spki',
          format: 'der',
        })
      },
      { algorithms: [ALGORITHM] },
    )
    const terms = protectedHeader.typ === TYPE ? termsOf(parseClaims(payload)) : undefined
    return approver === undefined || terms === undefined ? undefined : { approver, terms }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
    throw error
  }
}

function termsOf(claims: Claims | undefined): GrantTerms | undefined {
  if (claims === undefined) return undefined
  const { id, tenant, issuer, subject, classes, code, ticket, fromS, untilS } = claims
  const texts = [id, tenant, issuer, subject, code, ticket]
  if (!texts.every((text) => typeof text === 'string')) return undefined
  if (!Array.isArray(classes) || !classes.every((name) => typeof name === 'string'))
    return undefined
  if (typeof fromS !== 'number' || typeof untilS !== 'number') return undefined
  return claims as unknown as GrantTerms
}
