/** Where Redis is: `redis://` and `rediss://` (TLS) addresses, parsed once, strictly, and without repeating them in errors. */

export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
}

/** What an address must look like, for messages. An address itself never stands in one: it may hold the password. */
export const REDIS_ADDRESS_FORM =
  'redis[s]://[user:password@]host[:port][/database], without query and fragment'

const DEFAULT_PORT = 6_379
const DATABASE = /^\/?$|^\/(\d{1,5})$/

/** The parts of an address, or undefined where it is not of {@link REDIS_ADDRESS_FORM}. */
export function parseRedisAddress(text: string): RedisAddress | undefined {
  const url = URL.parse(text)
  if (url === null) return undefined
  const database = DATABASE.exec(url.pathname)
  const known = url.protocol === 'redis:' || url.protocol === 'rediss:'
  // A client library would take options from the query, and so undo the ones that keep us safe.
  if (!known || url.hostname === '' || url.search !== '' || url.hash !== '') return undefined
  if (database === null || /[?#]$/.test(text)) return undefined
  const username = decoded(url.username)
  const password = decoded(url.password)
  if (username === undefined || password === undefined) return undefined
  if (username !== '' && password === '') return undefined
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    tls: url.protocol === 'rediss:',
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
    database: Number(database[1] ?? '0'),
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
