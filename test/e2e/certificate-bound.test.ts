/** Tokens that a real authorization server has bound to a client certificate (RFC 8705), signed ones and such as only it can read. */
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { createCanaries } from '../helpers/canaries.ts'
import { LOOPBACK } from '../helpers/free-port.ts'
import { shippedPolicy, startGatewayProcess } from '../helpers/gateway.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { startOidcProvider } from '../helpers/issuer.ts'
import { requirePeer } from '../helpers/peers.ts'
import { makeAuthority } from '../helpers/tls/authority.ts'
import { askTls } from '../helpers/tls/tls-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream } from '../helpers/upstream.ts'

const PATH = '/api/v2/users/7'

for (const tokens of ['jwt', 'opaque'] as const) {
  test(`tokens that are bound to a certificate, ${tokens}`, async (t) => {
    if (!requirePeer(t, 'openssl')) return
    const authority = makeAuthority(t)
    const server = authority.issue({ usage: 'serverAuth', names: [`IP.1 = ${LOOPBACK}`] })
    const [own, other] = [authority.issue(), authority.issue()]
    const [upstream, issuer] = await Promise.all([
      startRawUpstream(t),
      startOidcProvider(t, { tokens, certificate: own.cert }),
    ])
    upstream.answer(jsonAnswer(userBody(createCanaries())))
    const policy = shippedPolicy()
    const issuers = policy.identity.issuers.map(({ algorithms, ...entry }) => ({
      ...entry,
      certificateBound: 'required' as const,
      ...(tokens === 'jwt' ? { algorithms } : { introspection: issuer.introspection }),
    })) as unknown as PolicyDocument['identity']['issuers']
    const gateway = await startGatewayProcess(t, {
      policy: {
        ...policy,
        identity: { ...policy.identity, issuers },
        listen: {
          tls: {
            certificate: 'server.pem',
            key: 'server.key',
            clients: { authorities: 'ca.pem', required: false },
          },
        },
      },
      upstreamUrl: upstream.url,
      issuer: issuer.issuer,
      files: { 'server.pem': server.cert, 'server.key': server.key, 'ca.pem': authority.cert },
    })
    const token = await issuer.login({ subject: 'ann', roles: ['agent'] })
    const headers = { authorization: `Bearer ${token}` }
    const ask = (shows: typeof own | undefined) =>
      askTls(gateway.port, { ca: authority.cert, shows }, { path: PATH, headers })
    t.equal((await ask(own)).status, 200)
    t.equal((await ask(other)).status, 401)
    const stolen = await ask(undefined)
    t.equal(stolen.status, 401)
    t.match(stolen.headers['www-authenticate'], /error="invalid_token"/)
  })
}
