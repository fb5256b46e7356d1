/** Where a sink begins that has no place yet, or is put back to. */
export type Start =
  | { readonly at: 'oldest' }
  /** Only what comes from now on. */
  | { readonly at: 'newest' }
  /** What was stored since then, milliseconds of the wall clock. */
  | { readonly at: 'time'; readonly sinceMs: number }

/** Place after which a consumer group in Redis begins: entry ids are milliseconds and a number. */
export function groupStart(start: Start): string {
  if (start.at === 'oldest') return '0'
  return start.at === 'newest'
    ? '$'
    : `${Math.max(0, Math.floor(start.sinceMs) - 1)}-18446744073709551615`
}
