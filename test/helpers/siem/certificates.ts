/** Certificates for a test: an authority of its own, a server's, a client's, and one that nobody should trust. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestScope } from '../process.ts'

export interface Certificates {
  readonly directory: string
  /** `ca.pem`, `server.pem`, `client.key`... */
  readonly path: (name: string) => string
  readonly file: (name: string) => Promise<Buffer>
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** Made with openssl. `server` is for 127.0.0.1; `other` is signed by itself; `stranger` by an authority of its own kind. */
export async function makeCertificates(t: TestScope): Promise<Certificates> {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-tls-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const path = (name: string) => join(directory, name)
  for (const name of ['ca', 'other']) {
    openssl([
      'req',
      '-x509',
      ...NEW_KEY,
      '-days',
      '30',
      '-subj',
      `/CN=${name}.example`,
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      path(`${name}.key`),
      '-out',
      path(`${name}.pem`),
    ])
  }
  for (const name of ['server', 'client', 'stranger']) {
    const names = name === 'server' ? 'IP:127.0.0.1' : `DNS:${name}.example`
    openssl([
      'req',
      ...NEW_KEY,
      '-subj',
      `/CN=${name}.example`,
      '-addext',
      `subjectAltName=${names}`,
      '-keyout',
      path(`${name}.key`),
      '-out',
      path(`${name}.csr`),
    ])
    openssl([
      'x509',
      '-req',
      '-in',
      path(`${name}.csr`),
      '-CA',
      path('ca.pem'),
      '-CAkey',
      path('ca.key'),
      '-days',
      '30',
      '-copy_extensions',
      'copy',
      '-out',
      path(`${name}.pem`),
    ])
  }
  return { directory, path, file: (name) => readFile(path(name)) }
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', [...args], { stdio: 'ignore' })
}
