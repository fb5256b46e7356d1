/** Words of the audit for the ways in which tokens come. */

/**
 * How a token came: in `Authorization` for whoever has it (`bearer`), or with a proof of the key that it is bound to (`dpop`); in a
 * cookie; in the header of a proxy in front; by a session that the gateway itself keeps.
 */
export const TRANSPORTS = ['bearer', 'dpop', 'cookie', 'header', 'session'] as const
export type Transport = (typeof TRANSPORTS)[number]

/** What a proxy in front was known by. */
export const PROXY_MARKS = ['network', 'certificate'] as const
export type ProxyMark = (typeof PROXY_MARKS)[number]
