/** Reversible tokens for numbers, by FF1 with one version of one key. */
import type { Buffer } from 'node:buffer'
import { hkdfSync } from 'node:crypto'
import { replaceDigits } from '../rules/operators/shared/replace-digits.ts'
import type { Tokenizer } from '../rules/tokenizer.ts'
import { KeyInvalidError } from './errors.ts'
import { createFf1 } from './ff1.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { assertStrongKey } from './parse-key.ts'

/** AES-256. */
const AES_KEY_BYTES = 32
/** Sets the key apart from others derived of the same secret (RFC 5869 3.2). */
const PURPOSE = 'celosia tokenize FF1'

export interface Ff1TokenizerOptions {
  /** At least 32 random bytes; copied. */
  readonly key: Buffer
  /** Version of the key, 1 or more. */
  readonly version: number
  /** Whose data it is: the same number of another tenant gets another token, also under the same key. */
  readonly tenant: string
}

/** A masked value as the operator `tokenize` wrote it. */
export interface TokenizedText {
  readonly dataClass: string
  readonly text: string
  /** How many digits at its end are those of the original. */
  readonly keepLast: number
}

export interface Ff1Tokenizer extends Tokenizer {
  /** The value that the operator was given, without the blanks around it. Undefined for what the operator never writes. */
  readonly detokenize: (token: TokenizedText) => string | undefined
}

/** Throws {@link KeyInvalidError} where the key is too weak or version or tenant are missing. */
export function createFf1Tokenizer({ key, version, tenant }: Ff1TokenizerOptions): Ff1Tokenizer {
  assertStrongKey(key)
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new KeyInvalidError('the version of a key is a whole number from 1')
  }
  if (tenant === '') throw new KeyInvalidError('the tenant of a key has no name')
  const ff1 = createFf1(new Uint8Array(hkdfSync('sha256', key, '', PURPOSE, AES_KEY_BYTES)))
  return {
    version,
    tokenize: (domain, digits, kept) => ff1.encrypt(digits, lengthPrefixed([tenant, domain, kept])),
    detokenize: ({ dataClass, text, keepLast }) =>
      replaceDigits(text, keepLast, (digits, kept) =>
        ff1.decrypt(digits, lengthPrefixed([tenant, dataClass, kept])),
      ),
  }
}
