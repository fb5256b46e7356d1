/** Reads a policy with what it names beside it: fixtures, key files, variables of the environment. */
import { randomBytes } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { AuditSettings } from '../audit/chain/chain-writer.ts'
import type { Anchor } from '../audit/chain/anchor.ts'
import { folderAnchor } from '../audit/chain/folder-anchor.ts'
import { objectAnchor } from '../audit/chain/object-anchor.ts'
import { fileAnchor } from '../audit/chain/file-anchor.ts'
import { webhookAnchor } from '../audit/chain/webhook-anchor.ts'
import { systemClock } from '../core/clock.ts'
import { readBounded, unreadable } from '../core/read-bounded.ts'
import type { JwsSigner } from '../core/signing.ts'
import type { LoadedPolicy } from '../gateway.ts'
import { KeyInvalidError } from '../keys/errors.ts'
import { createFf1Tokenizer } from '../keys/ff1-tokenizer.ts'
import { createHmacPseudonymizer } from '../keys/hmac-pseudonymizer.ts'
import { createJwsSigner } from '../keys/jws-signer.ts'
import { parseKey } from '../keys/parse-key.ts'
import { createXChaChaSealer } from '../keys/xchacha-sealer.ts'
import { compilePolicy } from '../rules/compile/compile-policy.ts'
import type { ReadCanary } from '../rules/compile/self-test-hidden.ts'
import type { AnchorPlace, AuditPolicy } from '../rules/compiled-policy.ts'
import type { CompiledPolicyWithQueries } from '../rules/compile/compile-policy.ts'
import { FIXTURE_BYTES_MAX } from '../rules/compile/fixture.ts'
import { TlsInvalidError } from '../proxy/tls/errors.ts'
import { readTls } from '../proxy/tls/tls-settings.ts'
import type { TlsSettings } from '../proxy/tls/tls-settings.ts'
import type { KeyDocument, PolicyDocument } from '../rules/policy/document.ts'
import type { TlsDocument } from '../rules/policy/listen-document.ts'
import type { JwksDocument } from '../rules/policy/identity-document.ts'
import type { Complaint } from '../rules/policy/fault.ts'
import { PolicyInvalidError } from '../rules/policy/fault.ts'
import { parsePolicy } from '../rules/policy/parse-policy.ts'
import type { ParsedPolicy } from '../rules/policy/parse-policy.ts'
import { POLICY_BYTES_MAX } from '../rules/policy/yaml-source.ts'
import { ShippingInvalidError } from '../shipping/ship-file/errors.ts'
import { loadShipFile } from '../shipping/ship-file/load-ship-file.ts'
import type { ShipPlan } from '../shipping/ship-file/plan.ts'

export interface LoadOptions {
  readonly file: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /**
   * `serve`: a variable or key that is missing is a fault. `author`: it is a note, and a random key stands in for a
   * missing one, so that a policy can be checked and tried where its secrets are not.
   */
  readonly mode: 'serve' | 'author'
  /** The text, where it is another than the file has. */
  readonly bytes?: Uint8Array
}

export interface LoadResult extends LoadedPolicy {
  readonly compiled: CompiledPolicyWithQueries
  /** As its author wrote it, variables filled in: it may hold secrets, and is not to be printed. */
  readonly document: PolicyDocument
  /** What an author should know, one sentence each. */
  readonly notes: readonly string[]
}

const KEY_BYTES_MAX = 4_096
const KEY_USES = {
  audit: 'pseudonyms',
  pseudonym: 'pseudonyms',
  token: 'tokens',
  cursor: 'cursors',
} as const

/** Throws {@link PolicyInvalidError} with all faults, or KeyInvalidError in `serve` mode. */
export function loadPolicy({ file, environment, mode, bytes }: LoadOptions): LoadResult {
  const parsed = parsePolicy({ file, bytes: bytes ?? readPolicyFile(file), environment })
  if (mode === 'serve' && parsed.missing.length > 0) {
    throw new PolicyInvalidError(parsed.locate(parsed.missing.map(missingVariable)))
  }
  const notes = parsed.missing.map(({ name }) => `${name} is not set here; serve needs it`)
  const tenant = parsed.document.tenant ?? 'default'
  const base = dirname(resolve(file))
  const keyOf = (name: keyof typeof KEY_USES) => {
    const key = parsed.document.keys?.[name]
    if (key === undefined || (key.env === undefined) === (key.file === undefined)) return undefined
    const loaded = readKey(`keys.${name}`, key, { base, environment })
    if (loaded === undefined && mode === 'serve')
      throw new KeyInvalidError(`keys.${name}: ${key.env ?? key.file} is not there`)
    if (loaded === undefined)
      notes.push(`keys.${name} is not here; ${KEY_USES[name]} of this run come from a random key`)
    return { key: loaded ?? randomBytes(32), version: key.version, tenant }
  }
  const [audit, pseudonym, token] = [keyOf('audit'), keyOf('pseudonym'), keyOf('token')]
  const cursor = keyOf('cursor')
  const compiled = compilePolicy({
    parsed: withAbsoluteFiles(parsed, base),
    keys: {
      pseudonymizer: pseudonym && createHmacPseudonymizer(pseudonym),
      tokenizer: token && createFf1Tokenizer(token),
    },
    readFixture: (name) => readBounded(resolve(base, name), FIXTURE_BYTES_MAX),
    readCanary: canaryReader({ base, environment, mode, notes }),
  })
  return {
    compiled,
    document: parsed.document,
    auditPseudonymizer: audit && createHmacPseudonymizer(audit),
    sealer: cursor && createXChaChaSealer(cursor),
    audit: auditSettings(compiled.audit, {
      base,
      signer: readSigner(parsed.document.keys?.checkpoint, { base, environment, mode, notes }),
    }),
    tls: readTlsOf(parsed.document.listen?.tls, { base, environment, mode, notes }),
    shipPlan: readShipPlan(parsed.document.audit?.ship, { base, environment, mode, notes }),
    notes,
  }
}

/** The bytes of a policy. Throws {@link PolicyInvalidError} where it cannot be read, or is too large. */
export function readPolicyFile(file: string): Buffer {
  const bytes = readBounded(file, POLICY_BYTES_MAX)
  if (bytes !== undefined) return bytes
  const message = unreadable('the policy', file, POLICY_BYTES_MAX)
  throw new PolicyInvalidError([
    { code: 'ERR_POLICY_INVALID', file, line: 1, column: 1, message, hint: undefined },
  ])
}

function missingVariable({ name, path }: ParsedPolicy['missing'][number]): Complaint {
  return { path, message: `the environment variable ${name} is not set` }
}

interface KeyPlace {
  readonly base: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

// A value of a run's own stands in for one that is missing, so that everything else of it can be checked.
function canaryReader(place: SignerPlace): ReadCanary {
  return (source) => {
    const text = keyText(source, place)
    if (text !== undefined || place.mode === 'serve') return text
    place.notes.push(`${source.env ?? source.file} is not here; serve needs it for selfTest`)
    return randomBytes(32).toString('hex')
  }
}

/** The text of a secret, or undefined where it is not there. */
function keyText(
  key: Pick<KeyDocument, 'env' | 'file'>,
  { base, environment }: KeyPlace,
): string | undefined {
  const text =
    key.env === undefined
      ? readBounded(resolve(base, key.file ?? ''), KEY_BYTES_MAX)
          ?.toString('utf8')
          .trim()
      : environment[key.env]
  return text === '' ? undefined : text
}

interface SignerPlace extends KeyPlace, Pick<LoadOptions, 'mode'> {
  readonly notes: string[]
}

// No key of a run's own stands in for one that is missing: nobody could check what it signs.
function readSigner(key: KeyDocument | undefined, place: SignerPlace): JwsSigner | undefined {
  if (key === undefined || (key.env === undefined) === (key.file === undefined)) return undefined
  const text = keyText(key, place)
  const name = key.env ?? key.file
  if (text === undefined) {
    if (place.mode === 'serve') throw new KeyInvalidError(`keys.checkpoint: ${name} is not there`)
    place.notes.push('keys.checkpoint is not here; serve needs it')
    return undefined
  }
  try {
    return createJwsSigner({ text, version: key.version })
  } catch (cause) {
    if (!(cause instanceof KeyInvalidError)) throw cause
    throw new KeyInvalidError(`keys.checkpoint (${name}): ${cause.message}`)
  }
}

function auditSettings(
  { checkpoints, anchors, store, retention }: AuditPolicy,
  { base, signer }: { readonly base: string; readonly signer: JwsSigner | undefined },
): AuditSettings {
  return {
    store,
    retention,
    checkpoints: {
      signer,
      ...checkpoints,
      anchors: anchors.map((anchor) => anchorOf(anchor, base)),
    },
  }
}

function anchorOf(place: AnchorPlace, base: string): Anchor {
  switch (place.kind) {
    case 'file':
      return fileAnchor(resolve(base, place.file))
    case 'folder':
      return folderAnchor(resolve(base, place.folder))
    case 'objects':
      return objectAnchor({ ...place, clock: systemClock })
    default:
      return webhookAnchor(place)
  }
}

/** The bytes of a key, or undefined where it is not there. Throws KeyInvalidError where it is none. */
export function readKey(name: string, key: KeyDocument, place: KeyPlace): Buffer | undefined {
  const text = keyText(key, place)
  if (text === undefined) return undefined
  try {
    return parseKey(text)
  } catch (cause) {
    throw new KeyInvalidError(
      `${name} (${key.env ?? key.file}) is no key: 32 random bytes or more, in base64 or hex`,
      { cause },
    )
  }
}

// A JWKS file stands beside the policy; the verifier is given its full path.
function withAbsoluteFiles(parsed: ParsedPolicy, base: string): ParsedPolicy {
  const absolute = <T extends { readonly jwks?: JwksDocument }>(owner: T): T =>
    owner.jwks !== undefined && 'file' in owner.jwks
      ? { ...owner, jwks: { file: resolve(base, owner.jwks.file) } }
      : owner
  const { identity } = parsed.document
  const { issuers, revocation } = identity
  const transmitters = revocation?.transmitters?.map(absolute)
  return {
    ...parsed,
    document: {
      ...parsed.document,
      identity: {
        ...identity,
        issuers: issuers.map(absolute),
        ...(transmitters !== undefined && { revocation: { ...revocation, transmitters } }),
      },
    },
  }
}

/** What the gateway listens with. Its files need not be where a policy is only tried. */
function readTlsOf(tls: TlsDocument | undefined, place: SignerPlace): TlsSettings | undefined {
  if (tls === undefined) return undefined
  const { base, mode, notes } = place
  const { certificate, key, clients } = tls
  try {
    return readTls({
      certificate: resolve(base, certificate),
      key: resolve(base, key),
      clients: clients && {
        authorities: resolve(base, clients.authorities),
        revoked: clients.revoked === undefined ? undefined : resolve(base, clients.revoked),
        required: clients.required ?? true,
      },
    })
  } catch (error) {
    if (mode === 'serve' || !(error instanceof TlsInvalidError)) throw error
    notes.push(`${error.message}; serve needs it`)
    return undefined
  }
}

/** What the gateway ships by itself. A file of its own: its faults are told as such. */
function readShipPlan(file: string | undefined, place: SignerPlace): ShipPlan | undefined {
  if (file === undefined) return undefined
  const { base, environment, mode, notes } = place
  const path = resolve(base, file)
  const loaded = loadShipFile({
    file: path,
    environment,
    mode: mode === 'serve' ? 'ship' : 'author',
  })
  notes.push(...loaded.missing.map((name) => `${name} is not set here; serve needs it to ship`))
  const stdout = loaded.plan.sinks.find(({ kind }) => kind === 'stdout')
  if (stdout === undefined) return loaded.plan
  const message = `\`sinks.${stdout.name}\`: standard output is the gateway's log`
  const hint = 'run `celosia audit ship` for it'
  throw new ShippingInvalidError([
    { code: 'ERR_POLICY_INVALID', file: path, line: 1, column: 1, message, hint },
  ])
}
