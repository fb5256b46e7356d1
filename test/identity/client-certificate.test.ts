/** What is read from a certificate that somebody has proven to hold, and whether it is one of those that a policy names. */
import { createHash, X509Certificate } from 'node:crypto'
import { test } from 'tap'
import { isNamed, readClientCertificate } from '../../src/identity/client-certificate.ts'
import { requirePeer } from '../helpers/peers.ts'
import { makeAuthority } from '../helpers/tls/authority.ts'

test('names, key and end of a certificate', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const { cert } = makeAuthority(t).issue({
    names: [
      'DNS.1 = Proxy.Example.com',
      'URI.1 = spiffe://example.com/Proxy',
      'email.1 = a@example.com',
      'IP.1 = 127.0.0.1',
      'URI.2 = urn:a, DNS:b.example.com',
      'DNS.2 = second.example.com',
    ],
  })
  const x509 = new X509Certificate(cert)
  const read = readClientCertificate(x509)
  t.same([...read.dns], ['proxy.example.com', 'second.example.com'])
  t.same([...read.uris], ['spiffe://example.com/Proxy'], 'one that is quoted is none')
  t.equal(read.thumbprint, createHash('sha256').update(x509.raw).digest('base64url'))
  t.equal(read.untilMs, Date.parse(x509.validTo))
  const names = [{ kind: 'dns', value: 'proxy.example.com' }] as const
  t.ok(isNamed(read, names, read.untilMs))
  t.notOk(isNamed(read, names, read.untilMs + 1), 'also not on a connection that outlives it')
  t.notOk(isNamed(read, [], 0))
  t.notOk(isNamed(read, [{ kind: 'uri', value: 'proxy.example.com' }], 0), 'of another kind')
  t.ok(isNamed(read, [{ kind: 'spki', value: read.spki }], 0))
  const bare = readClientCertificate(new X509Certificate(makeAuthority(t).issue().cert))
  t.same([bare.dns.size, bare.uris.size], [0, 0])
})
