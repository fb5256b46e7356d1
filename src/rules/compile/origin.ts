/** Origins of the web. */

const ORIGIN = /^https?:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?$/

/** What to do about one that is none. */
export const ORIGIN_HINT =
  'scheme, host in lower case, and port where it is not the usual one: https://desk.example.com; there is no wildcard'

/** True for the serialization of an origin (HTML 7.1.1), which browsers send and which is compared byte by byte. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && URL.parse(text)?.origin === text
}
