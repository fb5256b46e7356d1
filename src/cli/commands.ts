/** The commands by name. Each is loaded when it is asked for, so that a filter does not carry a gateway's memory. */
import { setFlagsFromString } from 'node:v8'
import { closest } from '../core/closest.ts'
import { UsageError } from './command.ts'
import type { Command } from './command.ts'

/** In the order of the help. */
const LOADERS: readonly (readonly [name: string, load: () => Promise<Command>])[] = [
  ['serve', async () => (await import('./serve.ts')).serve],
  ['demo', async () => (await import('./demo.ts')).demo],
  ['check', async () => (await import('./check.ts')).check],
  ['selftest', async () => (await import('./selftest.ts')).selftest],
  ['mask', loadMask],
  ['redact eval', async () => (await import('./redact/redact-eval.ts')).redactEval],
  ['redact', async () => (await import('./redact/redact.ts')).redact],
  ['revoke', async () => (await import('./revoke.ts')).revoke],
  ['unblock', async () => (await import('./unblock.ts')).unblock],
  ['grant request', async () => (await import('./grant/request.ts')).grantRequest],
  ['grant approve', async () => (await import('./grant/approve.ts')).grantApprove],
  ['grant list', async () => (await import('./grant/list.ts')).grantList],
  ['grant revoke', async () => (await import('./grant/notes.ts')).grantRevoke],
  ['grant review', async () => (await import('./grant/notes.ts')).grantReview],
  ['audit tail', async () => (await import('./audit.ts')).auditTail],
  ['audit cat', async () => (await import('./audit.ts')).auditCat],
  ['audit search', async () => (await import('./audit-search.ts')).auditSearch],
  ['audit subject', async () => (await import('./audit-subject.ts')).auditSubject],
  ['audit agent', async () => (await import('./audit-agent.ts')).auditAgent],
  ['audit reasons', async () => (await import('./audit-reasons.ts')).auditReasons],
  ['audit export', async () => (await import('./audit-export.ts')).auditExport],
  ['audit verify', async () => (await import('./audit-verify.ts')).auditVerify],
  ['audit keys', async () => (await import('./audit-keys.ts')).auditKeys],
  ['audit groups', async () => (await import('./audit-groups.ts')).auditGroups],
  ['audit purge', async () => (await import('./audit-purge.ts')).auditPurge],
  ['audit hold', async () => (await import('./audit-holds.ts')).auditHold],
  ['audit release', async () => (await import('./audit-holds.ts')).auditRelease],
  ['audit holds', async () => (await import('./audit-holds.ts')).auditHolds],
  ['audit replay', async () => (await import('./audit-replay.ts')).auditReplay],
  ['audit ship', async () => (await import('./audit-ship.ts')).auditShip],
  ['insight suggest', async () => (await import('./insight-suggest.ts')).insightSuggest],
  ['insight usage', async () => (await import('./insight-usage.ts')).insightUsage],
  ['insight replay', async () => (await import('./insight-replay.ts')).insightReplay],
  ['insight register', async () => (await import('./insight-register.ts')).insightRegister],
  ['policy diff', async () => (await import('./policy-diff.ts')).policyDiffCommand],
  ['schema', async () => (await import('./schema.ts')).schema],
]

/** All of them, for help and documents. */
export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(LOADERS.map(([, load]) => load()))
}

/** The command that the first one or two words name. Throws {@link UsageError} with the nearest name. */
export async function findCommand(args: readonly string[]): Promise<Command> {
  const one = args[0] ?? ''
  const two = args.slice(0, 2).join(' ')
  const found = LOADERS.find(([name]) => name === two || name === one)
  if (found !== undefined) return found[1]()
  const names = LOADERS.map(([name]) => name)
  const group = names.filter((name) => name.startsWith(`${one} `))
  if (one !== '' && args.length === 1 && group.length > 0)
    throw new UsageError(`${one} needs another word: ${group.join(', ')}`)
  const near = closest(two, names) ?? closest(one, names)
  throw new UsageError(
    `unknown command: ${one}${near === undefined ? '' : `; did you mean ${near}?`}`,
  )
}

// A filter makes much short-lived garbage and keeps nothing: memory is worth more than speed. Said before its modules come, which take
// most of it.
async function loadMask(): Promise<Command> {
  setFlagsFromString('--optimize-for-size')
  return (await import('./mask.ts')).mask
}
