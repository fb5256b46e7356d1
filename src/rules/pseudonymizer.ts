/** What rules need of keyed pseudonyms. keys/ provides it; rules stay free of keys. */

export interface Pseudonymizer {
  /**
   * The stable pseudonym of a value within a domain (a data class, or a kind of data subject): HMAC-SHA256 over
   * domain and value with a key of the tenant, as base64url without padding, 22 characters (132 bits).
   * The same value in another domain gives another pseudonym.
   */
  readonly pseudonym: (domain: string, value: string) => string
  /** Version of the key, written `v<version>:` before a pseudonym in the audit. */
  readonly version: number
}
