/** What of the upstream's headers reaches a caller: those that the route lists, where their values are what it says. */
import { fitsDomain } from '../../rules/routing/parameter-types.ts'
import type { AnswerHeaders } from '../../rules/compiled-policy.ts'
import type { UpstreamHead } from './admit.ts'

/** Longest value. */
const VALUE_CHARS_MAX = 256
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
/** RFC 9110 10.2.3: seconds. A date would be another clock's. */
const SECONDS = /^(?:0|[1-9][0-9]{0,5})$/
const RETRY_AFTER_S_MAX = 86_400

type Headers = UpstreamHead['headers']

/** Listed headers that stand once and have a value that the route allows; all others are left out. */
export function passedHeaders(headers: Headers, listed: AnswerHeaders): Record<string, string> {
  const passed: Record<string, string> = {}
  for (const [name, domain] of listed) {
    const value = headers[name]
    if (typeof value !== 'string' || value.length > VALUE_CHARS_MAX || !VALUE.test(value)) continue
    if (fitsDomain(domain, value)) passed[name] = value
  }
  return passed
}

/** `Retry-After` as a number of seconds, at most a day; nothing where the upstream says anything else. */
export function retryAfter(headers: Headers): Record<string, string> {
  const value = headers['retry-after']
  const seconds = typeof value === 'string' && SECONDS.test(value) ? Number(value) : undefined
  return seconds === undefined || seconds > RETRY_AFTER_S_MAX
    ? {}
    : { 'retry-after': String(seconds) }
}
