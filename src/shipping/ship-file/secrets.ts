/** Keys and certificates that a shipping file names. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Complaint, PolicyPath } from '../../rules/policy/fault.ts'
import { hasPlaceholder } from '../../rules/policy/interpolate.ts'
import type { TlsFiles } from '../sinks/tls-files.ts'
import type { SinkContext } from './compile-sink.ts'
import type { RemoteDocument } from './document.ts'

const PREFIX = 'whsec_'
/** Standard Webhooks 1.0, "Signature scheme". */
const SECRET_BYTES = { min: 24, max: 64 } as const

type Complain = (complaint: Complaint) => void

/** The key of a webhook's secret. Undefined after a complaint, or where a variable is missing. */
export function webhookKey(text: string, path: PolicyPath, complain: Complain): Buffer | undefined {
  if (hasPlaceholder(text)) return undefined
  const base64 = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text
  const key = Buffer.from(base64, 'base64')
  const canonical = key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '')
  if (canonical && key.length >= SECRET_BYTES.min && key.length <= SECRET_BYTES.max) return key
  complain({
    path,
    message: 'the secret is no key: whsec_ and 24 to 64 bytes in base64',
    hint: 'openssl rand -base64 32',
  })
  return undefined
}

/** The contents of PEM files. What cannot be read is a complaint. */
export function tlsFiles(
  tls: RemoteDocument['tls'],
  path: PolicyPath,
  { base, complain, onFile }: Pick<SinkContext, 'base' | 'complain' | 'onFile'>,
): TlsFiles {
  if (tls !== undefined && (tls.cert === undefined) !== (tls.key === undefined)) {
    complain({ path, message: '`cert` and `key` go together' })
  }
  const read = (name: 'ca' | 'cert' | 'key'): Buffer | undefined => {
    const file = tls?.[name]
    if (file === undefined || hasPlaceholder(file)) return undefined
    try {
      const bytes = readFileSync(resolve(base, file))
      onFile(bytes)
      return bytes
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      complain({
        path: [...path, name],
        message: `the file cannot be read (${String(error.code)})`,
      })
      return undefined
    }
  }
  return { ca: read('ca'), cert: read('cert'), key: read('key') }
}
