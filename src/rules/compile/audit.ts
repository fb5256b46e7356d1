/** Resolves what the policy says of the audit itself: how durable, how often signed, where anchored. */
import { parseDuration } from '../../core/duration.ts'
import type { AnchorPlace, AuditPolicy, RetentionPolicy } from '../compiled-policy.ts'
import type { AnchorDocument, PolicyDocument, SignDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { hasPlaceholder } from '../policy/interpolate.ts'
import type { Complaints } from './complaints.ts'
import { httpUrl } from './http-url.ts'

const SPOOL_BYTES_MAX = 1_073_741_824
const EVERY_RECORDS = 1_000
const WITHIN_MS = 60_000
/** Beyond it a cut tail would go unnoticed for longer than anybody would accept. */
const WITHIN_MS_MAX = 3_600_000

/** What is wrong goes to `complaints`. */
export function compileAudit(document: PolicyDocument, complaints: Complaints): AuditPolicy {
  const { durability = 'strict', checkpoints, anchors = [], replicas = 0 } = document.audit ?? {}
  const withinMs = parseDuration(checkpoints?.within ?? '') ?? WITHIN_MS
  if (withinMs > WITHIN_MS_MAX)
    complaints.add(['audit', 'checkpoints', 'within'], 'checkpoints are at most 1h apart')
  if (anchors.length > 0 && document.keys?.checkpoint === undefined) {
    complaints.addAtKey(
      ['audit', 'anchors'],
      'what is anchored are signed checkpoints, and there is no key',
      'add keys: { checkpoint: { version: 1, env: CELOSIA_CHECKPOINT_KEY } }',
    )
  }
  return {
    durability,
    store: {
      spool: document.audit?.whenUnavailable !== 'refuse',
      spoolBytesMax: document.limits?.spoolBytesMax ?? SPOOL_BYTES_MAX,
      replicas,
    },
    checkpoints: { everyRecords: checkpoints?.every ?? EVERY_RECORDS, withinMs },
    retention: compileRetention(document, complaints),
    anchors: anchors.flatMap((anchor, index) =>
      compileAnchor(anchor, ['audit', 'anchors', index], complaints),
    ),
  }
}

/** Less is a slip of the pen: what is purged is gone. */
const KEPT_MS_MIN = 86_400_000

function compileRetention(
  { audit, keys }: PolicyDocument,
  complaints: Complaints,
): RetentionPolicy | undefined {
  const retention = audit?.retention
  if (retention === undefined) return undefined
  const period = (name: keyof RetentionPolicy): number | undefined => {
    const text = retention[name]
    const ms = text === undefined ? undefined : parseDuration(text)
    if (ms !== undefined && ms < KEPT_MS_MIN)
      complaints.add(['audit', 'retention', name], 'records are kept for at least 1d')
    return ms
  }
  if (keys?.checkpoint === undefined) {
    complaints.addAtKey(
      ['audit', 'retention'],
      'a purge is signed, so that nobody else can say that records were purged, and there is no key',
      'add keys: { checkpoint: { version: 1, env: CELOSIA_CHECKPOINT_KEY } }',
    )
  }
  return { records: period('records'), findings: period('findings') }
}

function compileAnchor(
  anchor: AnchorDocument,
  path: PolicyPath,
  complaints: Complaints,
): AnchorPlace[] {
  if ('file' in anchor) return [{ kind: 'file', file: anchor.file }]
  if ('folder' in anchor) return [{ kind: 'folder', folder: anchor.folder }]
  const key = 'objects' in anchor ? 'objects' : 'url'
  const url = httpUrl([...path, key], 'objects' in anchor ? anchor.objects : anchor.url, complaints)
  for (const [name, value] of Object.entries(anchor.headers ?? {})) {
    if (/[^\t\x20-\x7e]/.test(value))
      complaints.add([...path, 'headers', name], 'a header value is printable ASCII')
  }
  if (url === undefined) return []
  const place = { url: url.href, headers: { ...anchor.headers } }
  if (!('objects' in anchor)) return [{ kind: 'webhook', ...place }]
  return [{ kind: 'objects', ...place, keys: signingKeys(anchor.sign, path, complaints) }]
}

function signingKeys(
  sign: SignDocument | undefined,
  path: PolicyPath,
  complaints: Complaints,
): Extract<AnchorPlace, { kind: 'objects' }>['keys'] {
  if (sign === undefined) return undefined
  const { region, keyId, secret, token } = sign
  for (const [name, value] of Object.entries(sign)) {
    // A variable that is not set here stands as it is; whoever serves is told of it.
    if (!hasPlaceholder(value) && !/^[\x21-\x7e]+$/.test(value))
      complaints.add(
        [...path, 'sign', name],
        'what signs requests is printable ASCII without blanks',
      )
  }
  return { region, id: keyId, secret, token }
}
