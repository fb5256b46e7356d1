/** Resolves the values that are planted in a record, and from whom each must be hidden. */
import type { PolicyDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { CanaryDocument, HiddenDocument } from '../policy/self-test-document.ts'
import { PIECE_CHARACTERS, pieceLength, piecesOf, squeezed } from '../self-test/find-canaries.ts'
import type { CanaryValue } from '../self-test/self-test-rules.ts'
import type { Complaints } from './complaints.ts'

/** The planted value at a place; undefined where it is not there. */
export type ReadCanary = (place: Pick<HiddenDocument, 'env' | 'file'>) => string | undefined

const VALUE_CHARACTERS_MAX = 1_000

/** A value, and whether a subject of these roles must not be told it. */
export interface CompiledHidden {
  readonly value: CanaryValue
  readonly hiddenFrom: (roles: readonly string[]) => boolean
}

export interface HiddenInput {
  readonly document: PolicyDocument
  readonly record: CanaryDocument
  readonly roles: ReadonlyMap<string, ReadonlySet<string>>
  readonly readCanary: ReadCanary
}

/** What is wrong goes to `complaints`. */
export function compileHidden(
  { document, record, roles, readCanary }: HiddenInput,
  path: PolicyPath,
  complaints: Complaints,
): readonly CompiledHidden[] {
  return record.hidden.flatMap((entry, index) => {
    const at = [...path, 'hidden', index]
    const known = Object.keys(document.classes)
    complaints.requireKnown([...at, 'class'], 'class', entry.class, known)
    const value = valueOf(entry, readCanary, at, complaints)
    const shows = (role: string) => roles.get(role)?.has(entry.class) === true
    checkFrom(entry, { roles, shows }, at, complaints)
    const from = entry.from && new Set(entry.from)
    const hiddenFrom = (set: readonly string[]) =>
      from === undefined ? !set.some(shows) : set.every((role) => from.has(role))
    return value === undefined ? [] : [{ value, hiddenFrom }]
  })
}

// What the policy shows is told all the same: one of the two statements is wrong.
function checkFrom(
  { from = [], class: dataClass }: HiddenDocument,
  {
    roles,
    shows,
  }: { readonly roles: HiddenInput['roles']; readonly shows: (role: string) => boolean },
  path: PolicyPath,
  complaints: Complaints,
): void {
  for (const [index, role] of from.entries()) {
    const at = [...path, 'from', index]
    if (complaints.requireKnown(at, 'role', role, roles.keys()) && shows(role))
      complaints.add(at, `\`${role}\` must not be told it here, and shows \`${dataClass}\``)
  }
}

function valueOf(
  entry: HiddenDocument,
  readCanary: ReadCanary,
  path: PolicyPath,
  complaints: Complaints,
): CanaryValue | undefined {
  const { env, file, kept = [] } = entry
  if ((env === undefined) === (file === undefined)) {
    complaints.add(path, 'a planted value comes from exactly one of `env` and `file`')
    return undefined
  }
  const text = readCanary({
    ...(env !== undefined && { env }),
    ...(file !== undefined && { file }),
  })
  if (text === undefined) {
    complaints.add(path, `the planted value is not there: ${env ?? file}`)
    return undefined
  }
  const value = { dataClass: entry.class, text, kept }
  if (text.length > VALUE_CHARACTERS_MAX || squeezed(text).length < pieceLength(text))
    complaints.add(
      path,
      `a planted value has at least ${PIECE_CHARACTERS} letters and digits, or ${pieceLength('0')} digits alone, and at most ${VALUE_CHARACTERS_MAX} characters`,
    )
  else if (piecesOf(value).length === 0)
    complaints.add([...path, 'kept'], 'nothing of the value is left to be looked for')
  return value
}
