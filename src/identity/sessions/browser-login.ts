/** A login under way, which the browser itself keeps, sealed: so nobody can fill a memory by logins that are never finished. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Sealer } from '../../rules/sealer.ts'
import type { PendingLogin } from './login-client.ts'
import type { SessionName } from './session-store.ts'

/** With where it leads, and the level that is asked of it. */
export interface BrowserLogin extends PendingLogin {
  readonly returnTo: string
  readonly level: string | undefined
  /** The session that the browser had, which the next one takes the place of: it is not sent along when it comes back. */
  readonly before: SessionName | undefined
}

const SEALED_FOR = { owner: 'login', place: 'login' }
const TEXT = { type: 'string' }

const validate = new Ajv2020({ strict: true, logger: false }).compile<BrowserLogin>({
  type: 'object',
  additionalProperties: false,
  required: ['state', 'nonce', 'verifier', 'returnTo'],
  properties: {
    state: TEXT,
    nonce: TEXT,
    verifier: TEXT,
    returnTo: TEXT,
    level: TEXT,
    maxAgeS: { type: 'integer' },
    before: {
      type: 'object',
      additionalProperties: false,
      required: ['id', 'owner'],
      properties: { id: TEXT, owner: TEXT },
    },
  },
})

/** The value of the cookie. */
export function sealLogin(login: BrowserLogin, untilMs: number, sealer: Sealer): string {
  return sealer.seal(JSON.stringify(login), SEALED_FOR, untilMs)
}

/** The login of a cookie, or undefined where it is none of the gateway's, or too old. */
export function openLogin(sealed: string, sealer: Sealer, nowMs: number): BrowserLogin | undefined {
  const text = sealer.open(sealed, SEALED_FOR, nowMs)
  const login: unknown = text === undefined ? undefined : JSON.parse(text)
  return validate(login) ? login : undefined
}
