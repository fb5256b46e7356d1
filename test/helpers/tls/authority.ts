/** An authority of certificates for a test, made with openssl: it issues, lets expire, revokes, and lists what it has revoked. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestScope } from '../process.ts'

/** In PEM. */
export interface Issued {
  readonly cert: string
  readonly key: string
}

export interface IssueOptions {
  /** The lines of its subject alternative names: `DNS.1 = proxy.example.com`; undefined: it has none. */
  readonly names?: readonly string[]
  readonly commonName?: string
  readonly usage?: 'clientAuth' | 'serverAuth'
  /** Its days are over. */
  readonly expired?: boolean
  /** The key of before; undefined: a new one. */
  readonly key?: string
}

export interface Authority {
  readonly cert: string
  readonly issue: (options?: IssueOptions) => Issued
  readonly revoke: (issued: Issued) => void
  /** What is revoked by now, in PEM. */
  readonly revoked: () => string
}

const SETTINGS = (directory: string) => `
[ca]
default_ca = main
[main]
database = ${directory}/index.txt
serial = ${directory}/serial
crlnumber = ${directory}/crlnumber
new_certs_dir = ${directory}
certificate = ${directory}/ca.pem
private_key = ${directory}/ca.key
default_md = sha256
default_crl_days = 30
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
`

/** A new one; two of the same name have different keys. */
export function makeAuthority(t: TestScope, name = 'Example authority'): Authority {
  const directory = mkdtempSync(join(tmpdir(), 'celosia-authority-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const at = (file: string) => join(directory, file)
  const read = (file: string) => readFileSync(at(file), 'utf8')
  const write = (file: string, text: string) => writeFileSync(at(file), text)
  const openssl = (...args: string[]) =>
    void execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  write('settings', SETTINGS(directory))
  write('index.txt', '')
  write('serial', '01')
  write('crlnumber', '01')
  newKey(openssl, 'ca.key')
  const subject = ['-subj', `/CN=${name}`]
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
  const added = extensions.flatMap((extension) => ['-addext', extension])
  openssl(
    'req',
    '-x509',
    '-config',
    'settings',
    '-key',
    'ca.key',
    '-days',
    '30',
    ...subject,
    ...added,
    '-out',
    'ca.pem',
  )
  let count = 0
  return {
    cert: read('ca.pem'),
    issue: ({ names = [], commonName = 'somebody', usage = 'clientAuth', expired, key } = {}) => {
      count += 1
      const file = (end: string) => `${count}.${end}`
      if (key === undefined) newKey(openssl, file('key'))
      else write(file('key'), key)
      openssl(
        'req',
        '-new',
        '-config',
        'settings',
        '-key',
        file('key'),
        '-subj',
        `/CN=${commonName}`,
        '-out',
        file('csr'),
      )
      const listed =
        names.length === 0 ? '' : `subjectAltName = @names\n[names]\n${names.join('\n')}\n`
      write(file('ext'), `basicConstraints = CA:FALSE\nextendedKeyUsage = ${usage}\n${listed}`)
      const dates =
        expired === true
          ? ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z']
          : ['-days', '20']
      openssl(
        'ca',
        '-batch',
        '-notext',
        '-config',
        'settings',
        '-in',
        file('csr'),
        '-extfile',
        file('ext'),
        ...dates,
        '-out',
        file('pem'),
      )
      return { cert: read(file('pem')), key: read(file('key')) }
    },
    revoke: ({ cert }) => {
      write('revoked.pem', cert)
      openssl('ca', '-config', 'settings', '-revoke', 'revoked.pem')
    },
    revoked: () => {
      openssl('ca', '-config', 'settings', '-gencrl', '-out', 'crl.pem')
      return read('crl.pem')
    },
  }
}

function newKey(openssl: (...args: string[]) => void, file: string): void {
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file)
}
