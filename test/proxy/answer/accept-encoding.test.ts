/** `Accept-Encoding`, read strictly: which coding an answer leaves in. */
import { test } from 'tap'
import { acceptedCoding } from '../../../src/proxy/answer/coding/accept-encoding.ts'

type Case = readonly [header: string | undefined, large: string | undefined, small?: string]

/** The policy says `compress: [br, gzip]`. */
const CASES: readonly Case[] = [
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['br', 'br'],
  ['gzip, br', 'br'],
  ['gzip, br;q=1', 'br'],
  ['gzip;q=1.000, br;q=0.999', 'gzip'],
  [' gzip ; q=0.5\t,\tbr ; Q=0.4 ', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['deflate, zstd, compress', undefined],
  ['x-gzip', undefined],
  [',, gzip ,', 'gzip'],
  ['gzip;q=0', undefined],
  ['gzip;q=0.000, br;q=0.', undefined],
  ['gzip;q=0, br', 'br'],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['*;q=0', undefined],
  ['*;q=0, gzip', 'gzip', 'gzip'],
  ['gzip, *;q=0.1', 'gzip'],
  ['br;q=0.1, *;q=0.5', 'gzip'],
  ['identity', undefined],
  ['identity, gzip', 'gzip'],
  ['identity, gzip;q=0.9', undefined],
  ['identity;q=0.5, gzip;q=0.5', 'gzip'],
  ['identity;q=0.5, gzip;q=0.4, *;q=0', undefined],
  ['identity;q=0', undefined],
  ['identity;q=0, deflate', undefined],
  ['identity;q=0, gzip', 'gzip', 'gzip'],
  ['identity;q=0, *', 'br', 'br'],
  ['identity;q=0.001, gzip', 'gzip'],
  // Malformed: nothing is known of what the caller takes.
  ['gzip;q=2', undefined],
  ['gzip;q=1.001', undefined],
  ['gzip;q=0.1234', undefined],
  ['gzip;q=-1', undefined],
  ['gzip;q=.5', undefined],
  ['gzip;q', undefined],
  ['gzip;q=', undefined],
  ['gzip;q= 1', undefined],
  ['gzip;level=9', undefined],
  ['gzip;q=1;q=0', undefined],
  ['gzip br', undefined],
  ['gzip, "br"', undefined],
  ['br, gzip/1', undefined],
  ['gzip\u00a0', undefined],
  ['gzip, gzip;q=0', undefined],
  ['gzip, GZIP', undefined],
  ['gzip, *, *;q=0', undefined],
  [`gzip${' '.repeat(253)}`, undefined],
  [`${','.repeat(200)}gzip`, 'gzip'],
  [`gzip,${Array.from({ length: 19 }, (_, at) => `a${at}`).join(',')}`, 'gzip'],
  [`gzip,${Array.from({ length: 20 }, (_, at) => `a${at}`).join(',')}`, undefined],
]

test('the coding that the caller wants most, of those that the policy lists', (t) => {
  const codings = ['br', 'gzip'] as const
  for (const [header, large, small] of CASES) {
    const named = JSON.stringify(header) ?? 'no header'
    t.equal(acceptedCoding(header, { codings, small: false }), large, named)
    t.equal(acceptedCoding(header, { codings, small: true }), small, `${named}, a small answer`)
  }
  t.end()
})

test('a coding that the policy does not list is none, and its order decides', (t) => {
  const of = (header: string, ...codings: ('gzip' | 'br')[]) =>
    acceptedCoding(header, { codings, small: false })
  t.equal(of('br, gzip', 'gzip'), 'gzip')
  t.equal(of('br', 'gzip'), undefined)
  t.equal(of('*', 'gzip'), 'gzip')
  t.equal(of('br, gzip', 'gzip', 'br'), 'gzip')
  t.equal(of('br, gzip'), undefined)
  t.end()
})
