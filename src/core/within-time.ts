/** A bound on how long a promise is waited for. The work behind it goes on; only the waiting ends. */

/** What `promise` gives, or a rejection with `late()` once `timeoutMs` have passed. */
export function withinTime<T>(
  promise: Promise<T>,
  timeoutMs: number,
  late: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), timeoutMs)
    const stop = () => clearTimeout(timer)
    promise.then(stop, stop)
    promise.then(resolve, reject)
  })
}
