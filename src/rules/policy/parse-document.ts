/** From the text of a file to a checked document: YAML, environment, schema. What a file is written in is a parameter. */
import { createHash } from 'node:crypto'
import type { Complaint, PolicyFault } from './fault.ts'
import { PolicyInvalidError } from './fault.ts'
import type { MissingVariable } from './interpolate.ts'
import { interpolate } from './interpolate.ts'
import type { Validator } from './validate.ts'
import { parseYamlSource, POLICY_BYTES_MAX } from './yaml-source.ts'

export interface ParsedDocument<T> {
  readonly document: T
  /** SHA-256 of the text before the environment is filled in, lower-case hex: secrets play no part in it. */
  readonly sha256: string
  /** Variables that the file names and the environment lacks. */
  readonly missing: readonly MissingVariable[]
  readonly locate: (complaints: readonly Complaint[]) => PolicyFault[]
}

export interface DocumentText {
  /** As it is named in faults. */
  readonly file: string
  readonly bytes: Uint8Array
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface DocumentLanguage<T> {
  /** How messages call the file: `the policy`. */
  readonly what: string
  /** What an author of an empty file is told. */
  readonly emptyHint: string
  readonly validate: Validator<T>
}

/** Throws {@link PolicyInvalidError} with every fault that can be told at this stage. */
export function parseDocument<T>(
  { file, bytes, environment }: DocumentText,
  { what, emptyHint, validate }: DocumentLanguage<T>,
): ParsedDocument<T> {
  const source = parseYamlSource(file, decode(file, bytes, what), what, emptyHint)
  if (source.faults.length > 0) throw new PolicyInvalidError(source.faults)
  const filled = interpolate(source.data, environment)
  const validated = validate(filled.data)
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

function decode(file: string, bytes: Uint8Array, what: string): string {
  const fault = (message: string) =>
    new PolicyInvalidError([
      { code: 'ERR_POLICY_INVALID', file, line: 1, column: 1, message, hint: undefined },
    ])
  if (bytes.byteLength > POLICY_BYTES_MAX)
    throw fault(`${what} is larger than ${POLICY_BYTES_MAX} bytes`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw fault(`${what} is not UTF-8`)
  }
}
