/** The name of a checkpoint where each is a thing of its own: by writer, and in the order of his chain. */
import { AuditUnavailableError } from '../errors.ts'

const SEQUENCE_DIGITS = 12
/** What ends it. */
export const CHECKPOINT_SUFFIX = '.jws'

/** Throws AuditUnavailableError where it is no checkpoint. Its signature is not looked at: it is one that was just made. */
export function checkpointName(jws: string): string {
  const { writer, sequence } = payloadOf(jws)
  const fits = typeof writer === 'string' && /^[0-9a-f-]{36}$/.test(writer)
  if (!fits || !Number.isSafeInteger(sequence))
    throw new AuditUnavailableError('What is to be anchored is no checkpoint')
  return `${writer}-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}${CHECKPOINT_SUFFIX}`
}

function payloadOf(jws: string): { readonly writer?: unknown; readonly sequence?: unknown } {
  try {
    const text = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()
    return JSON.parse(text) as object
  } catch {
    return {}
  }
}
