/** Sees to it that the keys of the issuers are there before the first token comes, and says where they are not. */
import type { Logger } from './logger.ts'
import { repeat } from './repeat.ts'
import type { Repetition } from './repeat.ts'

export interface IssuerWatch {
  /** Fetches the keys of the policy in force. Never rejects: where it fails, {@link problems} says so. */
  readonly prepare: () => Promise<void>
  /** What is not as it should be, one sentence each. */
  readonly problems: () => readonly string[]
  /** Tries again as long as keys are missing. */
  readonly start: () => Repetition
}

/** `fetchKeys` rejects where the keys of an issuer of the policy in force are not available. */
export function createIssuerWatch(fetchKeys: () => Promise<void>, log: Logger): IssuerWatch {
  let known = false
  const prepare = async () => {
    known = false
    try {
      await fetchKeys()
      known = true
    } catch (error) {
      log.failure('issuer keys not available', error)
    }
  }
  return {
    prepare,
    problems: () => (known ? [] : ['identity: the keys of an issuer are not available']),
    start: () =>
      repeat(async () => {
        if (!known) await prepare()
        return known
      }),
  }
}
