/** The budget of all bodies held at one time: memory is given out before it is taken. */

export interface HeldBytes {
  /** True where `bytes` more may be held now; they are then counted. */
  readonly take: (bytes: number) => boolean
  readonly giveBack: (bytes: number) => void
  readonly held: () => number
}

/** `max` is asked each time, since a reload may change it. */
export function createHeldBytes(max: () => number): HeldBytes {
  let held = 0
  return {
    take: (bytes) => {
      if (held + bytes > max()) return false
      held += bytes
      return true
    },
    giveBack: (bytes) => {
      held -= bytes
    },
    held: () => held,
  }
}
