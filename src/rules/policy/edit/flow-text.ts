/** Plain data as YAML on one line: `{ reason: required }`, `[agent, lead]`. */

/** Words that YAML 1.2 reads as something else than text, and those of YAML 1.1, for readers. */
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n)$/i
const PLAIN = /^[A-Za-z][A-Za-z0-9_.-]*$/

/** The text; strings in quotes where they need some. */
export function flowText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, of]) => `${flowText(name)}: ${flowText(of)}`)
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  if (typeof value === 'string' && PLAIN.test(value) && !WORDS.test(value)) return value
  return JSON.stringify(value)
}
