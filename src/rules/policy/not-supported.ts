/**
 * Parts of the policy language that are planned and not built. They are refused by name, so that nobody takes a
 * control for present that is not: a key exists only when it does its whole job.
 */

/** Where the key would stand (`*` is any one step) and what to do until it exists. */
const PLANNED: readonly (readonly [path: string, hint: string])[] = [
  ['retention', 'leave it out; how long records are kept is `audit.retention`'],
]

/** The hint for a planned key at this place, or undefined where the key is simply unknown. */
export function plannedHint(path: readonly (string | number)[]): string | undefined {
  return PLANNED.find(([pattern]) => {
    const steps = pattern.split('.')
    return (
      steps.length === path.length &&
      steps.every((step, index) => step === '*' || step === String(path[index]))
    )
  })?.[1]
}
