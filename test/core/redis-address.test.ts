/** Addresses of Redis: what they say, and what is refused. */
import { test, type Test } from 'tap'
import { parseRedisAddress } from '../../src/core/redis-address.ts'

const PLAIN = { port: 6379, tls: false, username: undefined, password: undefined, database: 0 }

test('an address gives host, port, credentials, database and whether TLS is asked for', (t: Test) => {
  const cases: readonly (readonly [string, object])[] = [
    ['redis://redis', { ...PLAIN, host: 'redis' }],
    ['redis://redis/', { ...PLAIN, host: 'redis' }],
    ['redis://127.0.0.1:7000/15', { ...PLAIN, host: '127.0.0.1', port: 7000, database: 15 }],
    ['rediss://redis.example', { ...PLAIN, host: 'redis.example', tls: true }],
    ['redis://[::1]:7000', { ...PLAIN, host: '::1', port: 7000 }],
    ['redis://:p%40ss%2F@h', { ...PLAIN, host: 'h', password: 'p@ss/' }],
    ['redis://u:p@h', { ...PLAIN, host: 'h', username: 'u', password: 'p' }],
  ]
  for (const [text, address] of cases) t.same(parseRedisAddress(text), address, text)
  t.end()
})

test('what is not plainly an address is refused', (t: Test) => {
  const refused = [
    '',
    'redis',
    'redis:',
    'redis://',
    'http://redis',
    'unix:///run/redis.sock',
    'redis:/redis',
    'redis://h:port',
    'redis://h:70000',
    'redis://h/x',
    'redis://h/1/2',
    'redis://h/-1',
    'redis://h/123456',
    'redis://h?',
    'redis://h?enableOfflineQueue=true',
    'redis://h#',
    'redis://h/#x',
    'redis://u@h',
    'redis://u:%zz@h',
    'redis://%zz:p@h',
  ]
  for (const text of refused) t.equal(parseRedisAddress(text), undefined, text)
  t.end()
})
