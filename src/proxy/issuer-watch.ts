/** Sees to it that the keys of the issuers are there before the first token comes, and says where they are not. */
import { CelosiaError } from '../core/errors.ts'
import type { Logger } from './logger.ts'
import { repeat } from './repeat.ts'
import type { Repetition } from './repeat.ts'

export interface IssuerWatch {
  /** Fetches the keys of the policy in force. Never rejects: where it fails, {@link problems} says so. */
  readonly prepare: () => Promise<void>
  /** What is not as it should be, one sentence each. */
  readonly problems: () => readonly string[]
  /** Looks again and again, sooner while keys are missing; keys that grow old are fetched anew by that. */
  readonly start: () => Repetition
}

/** `fetchKeys` rejects where the keys of an issuer of the policy in force are not available. */
export function createIssuerWatch(fetchKeys: () => Promise<void>, log: Logger): IssuerWatch {
  let problem: string | undefined = 'the issuers have not been asked'
  const prepare = async () => {
    try {
      await fetchKeys()
      problem = undefined
    } catch (error) {
      // Ours name issuers only.
      problem = error instanceof CelosiaError ? error.message : 'the issuers cannot be asked'
      log.failure('issuer keys not available', error)
    }
  }
  return {
    prepare,
    problems: () => (problem === undefined ? [] : [`identity: ${problem}`]),
    start: () =>
      repeat(async () => {
        await prepare()
        return problem === undefined
      }),
  }
}
