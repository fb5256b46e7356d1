/** The part of the policy as its author wrote it that says how browsers log in at the gateway. Data only. */

export interface SessionDocument {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string
  readonly assurance?: string
  readonly origins: readonly string[]
  readonly returnTo: readonly string[]
  readonly idle?: string
  readonly lifetime?: string
  readonly perSubject?: number
}
