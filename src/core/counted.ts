/** A number with the word for what it counts. */

/** `1 agent`, `12 agents`, `2 accesses`; from `max` on `at least 10000 agents`. */
export function counted(count: number, noun: string, max = Number.POSITIVE_INFINITY): string {
  const ending = count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'
  return `${count >= max ? 'at least ' : ''}${count} ${noun}${ending}`
}
