/** Addresses of receivers. One that leads to another machine without TLS is refused, unless the file allows it aloud. */
import { isIPv4 } from 'node:net'
import {
  parseRedisAddress,
  REDIS_ADDRESS_FORM,
  type RedisAddress,
} from '../../core/redis-address.ts'
import type { Complaint, PolicyPath } from '../../rules/policy/fault.ts'
import { hasPlaceholder } from '../../rules/policy/interpolate.ts'

export interface AddressOptions {
  /** Place in the file, for complaints. */
  readonly path: PolicyPath
  readonly unencrypted: boolean
  readonly complain: (complaint: Complaint) => void
}

/** Port of syslog over TLS (RFC 5425 section 4.1), and over TCP by custom. */
const SYSLOG_TLS_PORT = 6_514
const SYSLOG_TCP_PORT = 514

export interface SyslogAddress {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

/** `tls://host:port` or `tcp://host:port`. Undefined after a complaint, or where a variable is missing. */
export function syslogAddress(text: string, options: AddressOptions): SyslogAddress | undefined {
  const url = parsed(text, ['tls:', 'tcp:'], 'tls://host:port or tcp://host:port', options)
  if (url === undefined) return undefined
  if (!['', '/'].includes(url.pathname) || url.search !== '') {
    options.complain({ path: options.path, message: 'an address of syslog has no path' })
    return undefined
  }
  const tls = url.protocol === 'tls:'
  const port = url.port === '' ? (tls ? SYSLOG_TLS_PORT : SYSLOG_TCP_PORT) : Number(url.port)
  return { host: hostOf(url), port, tls }
}

/** `https://...` or `http://...`. Undefined after a complaint, or where a variable is missing. */
export function httpAddress(text: string, options: AddressOptions): URL | undefined {
  return parsed(text, ['https:', 'http:'], 'https://host:port/path', options)
}

/** `rediss://...` or `redis://...`. Undefined after a complaint, or where a variable is missing. */
export function redisAddress(text: string, options: AddressOptions): RedisAddress | undefined {
  if (hasPlaceholder(text)) return undefined
  const address = parseRedisAddress(text)
  if (address === undefined) {
    const message = `the address of Redis is not of the form ${REDIS_ADDRESS_FORM}`
    options.complain({ path: options.path, message })
    return undefined
  }
  return mayBe(address.tls, address.host, options) ? address : undefined
}

const ENCRYPTED = new Set(['tls:', 'https:'])

// No message repeats an address: it may hold a password.
function parsed(
  text: string,
  protocols: readonly string[],
  form: string,
  options: AddressOptions,
): URL | undefined {
  if (hasPlaceholder(text)) return undefined
  const url = URL.parse(text)
  const fits = url !== null && protocols.includes(url.protocol) && url.hostname !== ''
  if (!fits || url.hash !== '') {
    options.complain({ path: options.path, message: `the address is not of the form ${form}` })
    return undefined
  }
  if (url.username !== '' || url.password !== '') {
    options.complain({
      path: options.path,
      message: 'the address has a user name or a password in it',
      hint: 'credentials stand in a header or a token',
    })
    return undefined
  }
  return mayBe(ENCRYPTED.has(url.protocol), hostOf(url), options) ? url : undefined
}

function mayBe(encrypted: boolean, host: string, options: AddressOptions): boolean {
  if (encrypted || options.unencrypted || isLoopback(host)) return true
  options.complain({
    path: options.path,
    message: 'the address leads to another machine without TLS',
    hint: 'use TLS, or say `unencrypted: allowed`',
  })
  return false
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}
