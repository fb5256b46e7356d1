/** The files of the listener's certificates: what is refused of them, and that they are read again by themselves. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { TlsInvalidError } from '../../../src/proxy/tls/errors.ts'
import { readTls } from '../../../src/proxy/tls/tls-settings.ts'
import type { TlsSettings } from '../../../src/proxy/tls/tls-settings.ts'
import { watchTlsFiles } from '../../../src/proxy/tls/tls-watch.ts'
import type { Logger } from '../../../src/proxy/logger.ts'
import { requirePeer } from '../../helpers/peers.ts'
import { makeAuthority } from '../../helpers/tls/authority.ts'

test('files that do not fit together are refused, and others are told apart', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const authority = makeAuthority(t)
  const [one, two] = [authority.issue(), authority.issue()]
  const folder = t.testdir({
    'one.pem': one.cert,
    'one.key': one.key,
    'two.key': two.key,
    'ca.pem': authority.cert,
    'crl.pem': authority.revoked(),
    empty: '',
    words: 'no certificate',
    broken: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    two: authority.cert + one.cert,
  })
  const at = (name: string) => join(folder, name)
  const clients = { authorities: at('ca.pem'), revoked: at('crl.pem'), required: true }
  const good = { certificate: at('one.pem'), key: at('one.key'), clients }
  const bad = {
    'no certificate': { ...good, certificate: at('none') },
    'an empty one': { ...good, certificate: at('empty') },
    'one that is none': { ...good, certificate: at('words') },
    'no key': { ...good, key: at('none') },
    'a folder': { ...good, key: folder },
    'the key of another': { ...good, key: at('two.key') },
    'no authorities': { ...good, clients: { ...clients, authorities: at('none') } },
    'authorities in words': { ...good, clients: { ...clients, authorities: at('words') } },
    'an authority that is broken': { ...good, clients: { ...clients, authorities: at('broken') } },
    'an authority that is none': { ...good, clients: { ...clients, authorities: at('one.pem') } },
    'an authority, and one that is none': {
      ...good,
      clients: { ...clients, authorities: at('two') },
    },
    'no list of the revoked': { ...good, clients: { ...clients, revoked: at('none') } },
    'a list that is none': { ...good, clients: { ...clients, revoked: at('ca.pem') } },
  }
  for (const [name, files] of Object.entries(bad))
    t.throws(() => readTls(files), TlsInvalidError, name)
  const digests = [
    good,
    { ...good, clients: undefined },
    { ...good, clients: { ...clients, required: false } },
    { ...good, clients: { ...clients, revoked: undefined } },
  ].map((files) => readTls(files).digest)
  t.equal(new Set(digests).size, digests.length)
  t.equal(readTls(good).digest, digests[0])
})

test('files that change are read again; what cannot be used changes nothing and is told once', async (t) => {
  if (!requirePeer(t, 'openssl')) return
  const authority = makeAuthority(t)
  const [one, two] = [authority.issue(), authority.issue()]
  const folder = t.testdir({ 'c.pem': one.cert, 'c.key': one.key })
  const files = {
    certificate: join(folder, 'c.pem'),
    key: join(folder, 'c.key'),
    clients: undefined,
  }
  const first = readTls(files)
  const told: string[] = []
  const used: TlsSettings[] = []
  const watch = watchTlsFiles({
    inForce: () => first,
    use: (settings) => used.push(settings),
    log: { failure: (message: string) => told.push(message) } as unknown as Logger,
    everyMs: 5,
  })
  t.teardown(watch.stop)
  const moreUses = async () => {
    const before = used.length
    while (used.length < before + 2) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await moreUses()
  t.equal(used.at(-1)?.digest, first.digest)
  rmSync(files.key)
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  writeFileSync(files.certificate, two.cert)
  writeFileSync(files.key, two.key)
  await moreUses()
  t.not(used.at(-1)?.digest, first.digest)
  t.equal(told.length, 1)
})
