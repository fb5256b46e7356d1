/** What stands where a value was. All of fixed length, so that none tells how long the value is. */
import { Buffer } from 'node:buffer'
import type { Edit, Transformed } from '../../../json/program-source.ts'

/** For the hidden part of a value that leaves in part. */
export const MARK = '***'

/** For a value that is redacted whole. */
export const REDACTED = '[redacted]'

/** {@link REDACTED} as the answer of a transform. */
export const REDACTED_RESULT: Transformed = { kind: 'string', text: REDACTED }

/** The bytes stay as they came. */
export const KEEP: Transformed = { kind: 'keep' }

/** Always this value, whatever stood there. */
export function constant(value: string | number | boolean | null): Edit {
  return { kind: 'constant', json: Buffer.from(JSON.stringify(value)) }
}

/** What a JSON string says; any other value as it is written. */
export function textOfJson(json: string | Buffer): string {
  const written = json.toString()
  const value: unknown = JSON.parse(written)
  return typeof value === 'string' ? value : written
}
