/** Does something again and again, one run at a time, sooner while it fails. */

export interface Repetition {
  readonly stop: () => void
}

/** Runs `task` every `okMs`, or every `failedMs` after it answered false. It must not reject. */
export function repeat(task: () => Promise<boolean>, okMs: number, failedMs: number): Repetition {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const plan = (ok: boolean) => {
    if (stopped) return
    timer = setTimeout(() => void task().then(plan, () => plan(false)), ok ? okMs : failedMs)
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
