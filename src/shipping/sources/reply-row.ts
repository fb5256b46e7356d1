/** A reply of Redis that has names and values in turn, as XINFO gives them. */

/** Its values by name. */
export function replyRow(reply: unknown): ReadonlyMap<string, unknown> {
  const values = Array.isArray(reply) ? (reply as readonly unknown[]) : []
  const row = new Map<string, unknown>()
  for (let i = 0; i + 1 < values.length; i += 2) row.set(String(values[i]), values[i + 1])
  return row
}
