/** Does something again and again, one run at a time, sooner while it fails. */

const OK_MS = 30_000
const FAILED_MS = 2_000

export interface Repetition {
  readonly stop: () => void
}

/** Runs `task` every half minute, or every two seconds after it answered false or rejected. The process may end meanwhile. */
export function repeat(task: () => Promise<boolean>): Repetition {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const plan = (ok: boolean) => {
    if (stopped) return
    timer = setTimeout(() => void task().then(plan, () => plan(false)), ok ? OK_MS : FAILED_MS)
    timer.unref()
  }
  plan(false)
  return {
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
