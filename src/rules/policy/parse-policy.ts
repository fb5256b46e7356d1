/** From the text of a policy to a checked document: YAML, environment, schema. Names are resolved by compile. */
import { createHash } from 'node:crypto'
import type { PolicyDocument } from './document.ts'
import type { Complaint, PolicyFault } from './fault.ts'
import { PolicyInvalidError } from './fault.ts'
import type { MissingVariable } from './interpolate.ts'
import { interpolate } from './interpolate.ts'
import { validateDocument } from './validate.ts'
import { parseYamlSource, POLICY_BYTES_MAX } from './yaml-source.ts'

export interface ParsedPolicy {
  readonly document: PolicyDocument
  /** SHA-256 of the text before the environment is filled in, lower-case hex: secrets play no part in it. */
  readonly sha256: string
  /** Variables that the policy names and the environment lacks. */
  readonly missing: readonly MissingVariable[]
  readonly locate: (complaints: readonly Complaint[]) => PolicyFault[]
}

export interface PolicyText {
  /** As it is named in faults. */
  readonly file: string
  readonly bytes: Uint8Array
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Throws {@link PolicyInvalidError} with every fault that can be told at this stage. */
export function parsePolicy({ file, bytes, environment }: PolicyText): ParsedPolicy {
  const text = decode(file, bytes)
  const source = parseYamlSource(file, text)
  if (source.faults.length > 0) throw new PolicyInvalidError(source.faults)
  const filled = interpolate(source.data, environment)
  const validated = validateDocument(filled.data)
  const complaints = [
    ...filled.complaints,
    ...('complaints' in validated ? validated.complaints : []),
  ]
  if (!('document' in validated) || complaints.length > 0) {
    throw new PolicyInvalidError(source.locate(complaints))
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { document: validated.document, sha256, missing: filled.missing, locate: source.locate }
}

function decode(file: string, bytes: Uint8Array): string {
  const fault = (message: string) =>
    new PolicyInvalidError([
      { code: 'ERR_POLICY_INVALID', file, line: 1, column: 1, message, hint: undefined },
    ])
  if (bytes.byteLength > POLICY_BYTES_MAX)
    throw fault(`the policy is larger than ${POLICY_BYTES_MAX} bytes`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw fault('the policy is not UTF-8')
  }
}
