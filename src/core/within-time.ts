/** A bound on how long a promise is waited for. The work behind it goes on; only the waiting ends. */

/** What `promise` gives, or a rejection with `late()` once `timeoutMs` have passed. */
export async function withinTime<T>(
  promise: Promise<T>,
  timeoutMs: number,
  late: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
