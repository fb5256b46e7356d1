/** The pseudonyms of one data subject under every version of the audit's key that a policy names and that is here. */
import { dirname, resolve } from 'node:path'
import type { Pseudonym } from '../core/audit-facts.ts'
import { KeyInvalidError } from '../keys/errors.ts'
import { createHmacPseudonymizer } from '../keys/hmac-pseudonymizer.ts'
import { subjectPseudonym } from '../proxy/access-facts.ts'
import type { KeyDocument, PolicyDocument } from '../rules/policy/document.ts'
import { parsePolicy } from '../rules/policy/parse-policy.ts'
import type { CommandIo } from './command.ts'
import { readKey, readPolicyFile } from './load-policy.ts'

export interface AuditPseudonyms {
  readonly pseudonyms: readonly Pseudonym[]
  /** Kinds of data subjects that routes of the policy name. */
  readonly kinds: ReadonlySet<string>
  /** Keys that the policy names and that are not here, by their place in it. */
  readonly missing: readonly string[]
}

/** Throws PolicyInvalidError, or KeyInvalidError where not one version is here. */
export function auditPseudonyms(
  file: string,
  kind: string,
  id: string,
  { environment }: CommandIo,
): AuditPseudonyms {
  const { document } = parsePolicy({ file, bytes: readPolicyFile(file), environment })
  const tenant = document.tenant ?? 'default'
  const place = { base: dirname(resolve(file)), environment }
  const { audit } = document.keys ?? {}
  const keys: (readonly [name: string, key: KeyDocument])[] = []
  if (audit !== undefined) keys.push(['keys.audit', audit])
  for (const [index, key] of (audit?.previous ?? []).entries())
    keys.push([`keys.audit.previous[${index}]`, key])
  const pseudonyms: Pseudonym[] = []
  const missing: string[] = []
  for (const [name, key] of keys) {
    const secret = readKey(name, key, place)
    if (secret === undefined) missing.push(`${name} (${key.env ?? key.file})`)
    else {
      const pseudonymizer = createHmacPseudonymizer({ key: secret, version: key.version, tenant })
      pseudonyms.push(subjectPseudonym(pseudonymizer, kind, id))
    }
  }
  if (pseudonyms.length > 0) return { pseudonyms, missing, kinds: kindsOf(document) }
  throw new KeyInvalidError('no version of keys.audit is here, so no pseudonym can be computed')
}

/** What to say of a kind that no route names: a slip finds nothing. Undefined: nothing. */
export function unknownKind(kind: string, { kinds }: AuditPseudonyms): string | undefined {
  if (kinds.size === 0 || kinds.has(kind)) return undefined
  return `no route of the policy names the kind ${kind} of data subjects; they name: ${[...kinds].join(', ')}`
}

function kindsOf({ routes }: PolicyDocument): ReadonlySet<string> {
  const declared = (routes ?? []).flatMap(({ dataSubjects = [], graphql }) => [
    ...dataSubjects,
    ...(graphql?.dataSubjects ?? []),
  ])
  return new Set(declared.map(({ kind }) => kind))
}
