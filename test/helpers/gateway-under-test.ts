/** What a test needs of a gateway, however it was started. The helpers know nothing else about it. */

/** An audit event as it was stored, read back as JSON. */
export type AuditEvent = Readonly<Record<string, unknown>>

/** A gateway that runs, or has ended. */
export interface GatewayUnderTest {
  readonly url: string
  readonly port: number
  /** All events so far, oldest first. */
  readonly records: () => Promise<readonly AuditEvent[]>
  /** All that it wrote to standard output and standard error. */
  readonly logs: () => string
  readonly metrics: () => Promise<string>
  readonly alive: () => boolean
}
