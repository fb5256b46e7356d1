/** OpenID Connect Back-Channel Logout 1.0: the identity provider says that somebody was logged out. */
import { TokenError } from '../../identity/errors.ts'
import { readLogoutToken } from '../../identity/revocation/logout-token.ts'
import { RefusedError } from '../refused.ts'
import type { Receiver } from './receive.ts'

export const backchannelLogout: Receiver = {
  path: '/celosia/backchannel-logout',
  source: 'back-channel-logout',
  type: 'application/x-www-form-urlencoded',
  enabled: ({ issuers }) => issuers.some(({ logout }) => logout !== undefined),
  read: async (body, _exchange, { policy, verifier, clock }) => {
    const tokens = new URLSearchParams(body.toString('latin1')).getAll('logout_token')
    const [token] = tokens
    if (token === undefined || tokens.length > 1) throw new RefusedError('logout-token-invalid')
    try {
      const { issuers } = policy
      const draft = await readLogoutToken(token, { issuers, keys: verifier.keys, clock })
      return { drafts: [draft], status: 200 }
    } catch (cause) {
      if (cause instanceof TokenError) throw new RefusedError('logout-token-invalid', { cause })
      throw cause
    }
  },
}
