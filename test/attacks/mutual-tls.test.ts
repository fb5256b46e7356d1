/**
 * Section I of the threat model where a proxy in front is known by its client certificate: nobody else can say what the proxy says, and
 * whom the authority disowns is nobody from then on.
 */
import { createHash, createPublicKey, randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import { dirname, join } from 'node:path'
import { connect } from 'node:tls'
import { test, type Test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import type { CertificateNameDocument } from '../../src/rules/policy/identity-document.ts'
import { LOOPBACK } from '../helpers/free-port.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { requirePeer } from '../helpers/peers.ts'
import { sendRaw } from '../helpers/raw-client.ts'
import { makeAuthority, type Authority, type Issued } from '../helpers/tls/authority.ts'
import { askTls, oneConnection, type TlsCaller } from '../helpers/tls/tls-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'

const DESK = 'https://desk.example.com'
const PATH = '/api/v2/users/7'
const PROXY = ['DNS.1 = other.example.com', 'DNS.2 = Proxy.example.com']
const MESH = ['URI.1 = spiffe://example.com/ns/desk/sa/proxy']

interface Parties extends World {
  readonly authority: Authority
  readonly proxy: Issued
  /** Asks as whoever shows this certificate, with a token in the proxy's header. */
  readonly ask: (
    shows: Issued | undefined,
    more?: Partial<TlsCaller> & { readonly own?: boolean },
  ) => ReturnType<typeof askTls>
  /** Puts files beside the policy. */
  readonly place: (files: Readonly<Record<string, string>>) => Promise<void>
  readonly policy: (
    clients: object,
    certificates?: readonly CertificateNameDocument[],
  ) => PolicyDocument
}

interface PartiesOptions {
  readonly names?: readonly CertificateNameDocument[]
  readonly networks?: string[]
  readonly certificateBound?: 'allowed' | 'required' | undefined
}

async function startParties(
  t: Test,
  clients: object,
  { names = [], networks, certificateBound }: PartiesOptions = {},
): Promise<Parties> {
  const authority = makeAuthority(t)
  const [server, proxy] = [serverOf(authority), authority.issue({ names: PROXY })]
  const all = [{ dns: 'proxy.example.com' }, ...names]
  const withTls =
    (more: object, certificates: readonly CertificateNameDocument[] = all) =>
    (policy: PolicyDocument): PolicyDocument => ({
      ...policy,
      keys: { ...policy.keys, cursor: { version: 1, env: 'CELOSIA_CURSOR_KEY' } },
      listen: {
        tls: {
          certificate: 'server.pem',
          key: 'server.key',
          clients: { authorities: 'ca.pem', ...more },
        },
      },
      identity: {
        ...policy.identity,
        ...(certificateBound !== undefined && {
          issuers: policy.identity.issuers.map((issuer) => ({ ...issuer, certificateBound })),
        }),
        tokenHeader: {
          name: 'x-forwarded-access-token',
          certificates,
          origins: [DESK],
          ...(networks && { networks }),
        },
      },
    })
  let shipped: PolicyDocument | undefined
  const world = await startWorld(t, {
    env: { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') },
    files: { 'server.pem': server.cert, 'server.key': server.key, 'ca.pem': authority.cert },
    change: (policy) => {
      shipped = policy
      return withTls(clients)(policy)
    },
  })
  world.upstream.answer(jsonAnswer(userBody(world.canaries)))
  const token = await world.token()
  return {
    ...world,
    authority,
    proxy,
    place: async (files) => {
      const folder = dirname(world.gateway.policyFile)
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    },
    policy: (more, certificates) => {
      if (shipped === undefined) throw new Error('the world has a policy')
      return withTls(more, certificates)(shipped)
    },
    ask: (shows, { own = false, ...more } = {}) =>
      askTls(
        world.gateway.port,
        { ca: authority.cert, shows, ...more },
        {
          path: PATH,
          headers: own
            ? { authorization: `Bearer ${token}` }
            : { 'x-forwarded-access-token': token, 'sec-fetch-site': 'same-origin' },
        },
      ),
  }
}

const serverOf = (authority: Authority) =>
  authority.issue({ usage: 'serverAuth', names: [`IP.1 = ${LOOPBACK}`] })

const spkiOf = ({ cert }: Issued) =>
  createHash('sha256')
    .update(createPublicKey(cert).export({ type: 'spki', format: 'der' }))
    .digest('base64')

const thumbprintOf = ({ cert }: Issued) =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')

test('section I: who may say what the proxy says', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const known = makeAuthority(t).issue()
  const { authority, proxy, ask, gateway, upstream } = await startParties(
    t,
    { required: false },
    {
      names: [{ uri: 'spiffe://example.com/ns/desk/sa/proxy' }, { spki: spkiOf(known) }],
    },
  )
  const stranger = makeAuthority(t)
  const rows: readonly (readonly [
    name: string,
    shows: Issued | undefined,
    status: number | 'cut',
  ])[] = [
    ['the proxy, by a DNS name of several', proxy, 200],
    ['the proxy, by a URI', authority.issue({ names: MESH }), 200],
    ['the proxy, by its key', authority.issue({ key: known.key }), 200],
    ['nobody', undefined, 401],
    ['somebody else', authority.issue({ names: ['DNS.1 = agent.example.com'] }), 401],
    ['a name that ends alike', authority.issue({ names: ['DNS.1 = aproxy.example.com'] }), 401],
    ['a name below', authority.issue({ names: ['DNS.1 = a.proxy.example.com'] }), 401],
    ['a wildcard', authority.issue({ names: ['DNS.1 = *.example.com'] }), 401],
    ['a common name', authority.issue({ commonName: 'proxy.example.com' }), 401],
    ['an e-mail address', authority.issue({ names: ['email.1 = a@proxy.example.com'] }), 401],
    ['a URI of the host', authority.issue({ names: ['URI.1 = https://proxy.example.com'] }), 401],
    [
      'a URI in other case',
      authority.issue({ names: ['URI.1 = spiffe://example.com/ns/Desk/sa/proxy'] }),
      401,
    ],
    ['a URI that goes on', authority.issue({ names: [`${MESH[0]}/x`] }), 401],
    [
      'a URI that has a name in it',
      authority.issue({ names: ['URI.1 = urn:x, DNS:proxy.example.com, URI:urn:y'] }),
      401,
    ],
    [
      'a name that has quotes in it',
      authority.issue({ names: ['URI.1 = urn:x", DNS:proxy.example.com, URI:"y'] }),
      401,
    ],
    ['the same name by another authority', stranger.issue({ names: PROXY }), 'cut'],
    ['the same key by another authority', stranger.issue({ key: proxy.key, names: PROXY }), 'cut'],
    ['a certificate whose days are over', authority.issue({ names: PROXY, expired: true }), 'cut'],
    ['one that is for servers', authority.issue({ names: PROXY, usage: 'serverAuth' }), 'cut'],
  ]
  for (const [name, shows, status] of rows) {
    const answer = await ask(shows)
    t.equal(answer.status, status, name)
  }
  t.equal((await ask(undefined, { own: true })).status, 200, 'a caller without one has its token')
  t.equal((await ask(proxy, { own: true })).status, 200, 'and one with a certificate, too')
  const sent = upstream.connections().map(({ bytes }) => bytes.toString('latin1'))
  t.notMatch(sent.join(''), /x-forwarded-access-token/i, 'the header goes no further')
  t.match(await gateway.metrics(), /reason="handshake-failed",status="4xx"\} 4/, 'each is counted')
  t.notMatch(gateway.logs(), /BEGIN|proxy\.example\.com/, 'and nothing of it is in the log')
})

test('section I: tokens that are bound to a certificate', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  for (const certificateBound of ['allowed', 'required', undefined] as const) {
    const parties = await startParties(t, { required: false }, { certificateBound })
    const { authority, proxy, gateway } = parties
    const own = authority.issue({ names: ['DNS.1 = agent.example.com'] })
    const renewed = authority.issue({ names: ['DNS.1 = agent.example.com'], key: own.key })
    const ends = certificateBound === undefined ? 401 : 200
    const print = thumbprintOf(own)
    const rows: readonly (readonly [
      name: string,
      shows: Issued | undefined,
      cnf: unknown,
      status: number,
    ])[] = [
      ['by who holds it', own, { 'x5t#S256': print }, ends],
      ['by who has stolen the token', undefined, { 'x5t#S256': print }, 401],
      ['by somebody else', authority.issue(), { 'x5t#S256': print }, 401],
      ['with the next certificate of the same key', renewed, { 'x5t#S256': print }, 401],
      ['in other case', own, { 'x5t#S256': print.toUpperCase() }, 401],
      ['with padding', own, { 'x5t#S256': `${print}=` }, 401],
      ['in a list', own, { 'x5t#S256': [print] }, 401],
      ['by no thumbprint', own, { 'x5t#S256': '' }, 401],
      ['by SHA-1', own, { x5t: print }, 401],
      ['in another way besides', own, { 'x5t#S256': print, jkt: print }, 401],
      ['in another way', own, { jkt: print }, 401],
      ['in no way', own, {}, 401],
      ['to nothing', own, null, 401],
      ['not at all', own, undefined, certificateBound === 'required' ? 401 : 200],
    ]
    for (const [name, shows, cnf, status] of rows) {
      const token = await parties.token({ claims: { cnf } })
      const headers = { authorization: `Bearer ${token}` }
      const caller = { ca: authority.cert, shows }
      const answer = await askTls(gateway.port, caller, { path: PATH, headers })
      t.equal(answer.status, status, `${certificateBound}: ${name}`)
    }
    const ofProxy = await parties.token({ claims: { cnf: { 'x5t#S256': thumbprintOf(proxy) } } })
    const headers = { 'x-forwarded-access-token': ofProxy, 'sec-fetch-site': 'same-origin' }
    const answer = await askTls(
      gateway.port,
      { ca: authority.cert, shows: proxy },
      { path: PATH, headers },
    )
    t.equal(answer.status, 401, `${certificateBound}: to the certificate of the proxy`)
  }
})

test('section I: network and certificate, where the policy says both', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const { proxy, ask } = await startParties(t, {}, { networks: ['10.0.0.0/8'] })
  t.equal((await ask(proxy)).status, 401)
  t.equal((await ask(proxy, { own: true })).status, 200)
})

test('section I: connections without what is asked for', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const { authority, proxy, ask, gateway } = await startParties(t, {})
  t.match(await ask(proxy, { maxVersion: 'TLSv1.3' }), { status: 200, protocol: 'TLSv1.3' })
  t.match(await ask(proxy, { maxVersion: 'TLSv1.2' }), { status: 200, protocol: 'TLSv1.2' })
  t.equal((await ask(proxy, { maxVersion: 'TLSv1.1' })).status, 'cut', 'an older TLS')
  t.equal((await ask(undefined)).status, 'cut', 'no certificate')
  t.equal((await ask(undefined, { own: true })).status, 'cut', 'no certificate, also with a token')
  const plain = await sendRaw(gateway.port, `GET ${PATH} HTTP/1.1\r\nHost: a\r\n\r\n`)
  t.equal(plain.status, 0, 'no TLS')
  t.notMatch(plain.bytes.toString('latin1'), /HTTP/)
  const secure = connect({
    host: LOOPBACK,
    port: gateway.port,
    ca: authority.cert,
    ...proxy,
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  await once(secure, 'secureConnect')
  t.equal(secure.alpnProtocol, 'http/1.1')
  secure.destroy()
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const caller = { host: LOOPBACK, port: gateway.port, ca: authority.cert, ...proxy, maxVersion }
    const first = connect(caller)
    first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(first, 'data')
    const session = first.getSession()
    first.destroy()
    const second = connect({ ...caller, ...(session !== undefined && { session }) })
    await once(second, 'secureConnect')
    t.notOk(second.isSessionReused(), `no handshake stands for another, ${maxVersion}`)
    second.destroy()
  }
  t.ok(gateway.alive())
})

test('section I: whom the authority disowns, and what is renewed, by a reload', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const parties = await startParties(t, { required: false })
  const { authority, proxy, ask, gateway, policy } = parties
  const agent = oneConnection()
  t.teardown(() => agent.destroy())
  const first = await ask(proxy, { agent })
  t.equal(first.status, 200)
  t.equal((await ask(proxy, { agent })).status, 200)

  await t.test('a list of the revoked, and nobody on it', async (t) => {
    await parties.place({ 'crl.pem': authority.revoked() })
    t.equal(await gateway.reload(policy({ required: false, revoked: 'crl.pem' })), 'reloaded')
    t.equal((await ask(proxy, { agent })).status, 200)
  })
  await t.test('the proxy is on it', async (t) => {
    authority.revoke(proxy)
    await parties.place({ 'crl.pem': authority.revoked() })
    t.equal(await gateway.reload(policy({ required: false, revoked: 'crl.pem' })), 'reloaded')
    t.equal((await ask(proxy, { agent })).status, 'cut', 'also on the connection of before')
    t.equal((await ask(proxy)).status, 'cut')
    t.equal((await ask(undefined, { own: true })).status, 200)
    const renewed = authority.issue({ names: PROXY, key: proxy.key })
    t.equal((await ask(renewed)).status, 200, 'its next certificate is not')
  })
  await t.test('a new certificate of the gateway', async (t) => {
    const next = serverOf(authority)
    await parties.place({ 'server.pem': next.cert })
    t.equal(await gateway.reload(policy({ required: false })), 'refused', 'with the key of before')
    t.equal((await ask(undefined, { own: true })).serial, first.serial)
    await parties.place({ 'server.key': next.key })
    t.equal(await gateway.reload(policy({ required: false })), 'reloaded')
    t.not((await ask(undefined, { own: true })).serial, first.serial)
  })
  await t.test('another authority', async (t) => {
    const other = makeAuthority(t)
    const theirs = other.issue({ names: PROXY })
    const keep = oneConnection()
    t.teardown(() => keep.destroy())
    const ours = authority.issue({ names: PROXY })
    t.equal((await ask(ours, { agent: keep })).status, 200)
    // A connection whose handshake is put off until the reload is over.
    const begun = net.connect({ host: LOOPBACK, port: gateway.port })
    t.teardown(() => begun.destroy())
    await once(begun, 'connect')
    t.equal((await ask(ours)).status, 200, 'the gateway has taken it')
    await parties.place({ 'ca.pem': other.cert })
    t.equal(await gateway.reload(policy({ required: false })), 'reloaded')
    t.equal((await ask(theirs)).status, 200)
    t.equal((await ask(ours, { agent: keep })).status, 'cut')
    const secure = connect({ socket: begun, host: LOOPBACK, ca: authority.cert, ...ours })
    const received: Buffer[] = []
    secure.on('data', (chunk: Buffer) => received.push(chunk))
    secure.on('error', () => undefined)
    secure.write(`GET ${PATH} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await once(secure, 'close')
    t.equal(received.length, 0, 'a handshake that began before it')
  })
  await t.test('what needs another listener is refused', async (t) => {
    const { listen: _listen, ...plain } = policy({ required: false })
    const { tokenHeader: _header, ...identity } = plain.identity
    t.equal(await gateway.reload({ ...plain, identity }), 'refused')
    t.match(gateway.logs(), /comes or goes with a restart only/)
  })
})
