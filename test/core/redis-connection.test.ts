/** Redis by TLS: only with a certificate that is trusted. The rest of the connection is tested with the stores. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { freePort } from '../helpers/free-port.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess } from '../helpers/process.ts'

const PROGRAM = join(import.meta.dirname, '../helpers/append-one.ts')

async function append(
  t: Test,
  url: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const program = await startProcess(t, process.execPath, [PROGRAM, url], { env })
  await program.exit
  return program.stdout().trim()
}

test('rediss asks for a certificate that is trusted and names the host', async (t) => {
  if (!requirePeer(t, 'redis-server') || !requirePeer(t, 'openssl')) return
  const directory = t.testdir({})
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
  ]
  const subject = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-days',
    '2',
  ]
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  })
  const port = await freePort()
  const tls = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key]
  const args = [
    '--port',
    '0',
    '--bind',
    '127.0.0.1',
    '--dir',
    directory,
    ...tls,
    '--tls-auth-clients',
    'no',
  ]
  await startProcess(t, 'redis-server', args, { ready: /Ready to accept connections/ })
  const trusted = { NODE_EXTRA_CA_CERTS: cert }
  t.match(await append(t, `rediss://localhost:${port}`, {}), /DEPTH_ZERO_SELF_SIGNED_CERT/)
  t.match(await append(t, `rediss://127.0.0.1:${port}`, trusted), /ERR_TLS_CERT_ALTNAME_INVALID/)
  t.equal(await append(t, `rediss://localhost:${port}`, trusted), 'stored')
  t.match(
    await append(t, `redis://localhost:${port}`, trusted),
    /Redis/,
    'no plain text where TLS is spoken',
  )
})
