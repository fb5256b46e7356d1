/** Planted values are found in every spelling that they can come in, and nothing else is. */
import fc from 'fast-check'
import { test } from 'tap'
import {
  findCanaries,
  missingCanaries,
  piecesOf,
  SEARCHED_BYTES_MAX,
} from '../../../src/rules/self-test/find-canaries.ts'

const EMAIL = { dataClass: 'contact.email', text: 'quillon.vextrade@planted.example', kept: [] }
const CARD = { dataClass: 'payment.card', text: '4929 4212 3456 7899', kept: [] }
const NAME = { dataClass: 'person.name', text: 'Žofie Kvěťáková-Ørn', kept: [] }
const GREEK = { dataClass: 'person.name', text: 'Ευθυμία Ζαχαρίου', kept: [] }
const ALL = [EMAIL, CARD, NAME, GREEK]

const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64')
const hex = (bytes: Buffer | string) => Buffer.from(bytes).toString('hex')
const units = (text: string) =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')
const bytesAs = (text: string, mark: string) =>
  Array.from(Buffer.from(text), (byte) => mark + byte.toString(16).padStart(2, '0')).join('')

/** How a value may be written. */
const SPELLINGS: Readonly<Record<string, (text: string) => string | Buffer>> = {
  'as it is': (text) => text,
  'in capitals': (text) => text.toUpperCase(),
  'in small letters': (text) => text.toLowerCase(),
  decomposed: (text) => text.normalize('NFD'),
  'full width': (text) =>
    text.replaceAll(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
  spaced: (text) => Array.from(text).join(' '),
  'with zero-width spaces': (text) => Array.from(text).join('\u200b'),
  dashed: (text) => text.replaceAll(/[ .]/g, '-'),
  reversed: (text) => Array.from(text).toReversed().join(''),
  'JSON escapes': units,
  'JSON escapes in a JSON text': (text) => JSON.stringify(JSON.stringify({ a: units(text) })),
  'JavaScript escapes': (text) =>
    Array.from(text, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`).join(''),
  'percent-encoded': (text) => bytesAs(text, '%'),
  'percent-encoded twice': (text) => encodeURIComponent(bytesAs(text, '%')),
  'quoted-printable': (text) => bytesAs(text, '='),
  'broken lines': (text) => `${text.slice(0, 5)}=\r\n${text.slice(5)}`,
  'HTML, decimal': (text) => Array.from(text, (one) => `&#${one.codePointAt(0)};`).join(''),
  'HTML, hexadecimal': (text) =>
    Array.from(text, (one) => `&#x${one.codePointAt(0)?.toString(16)};`).join(''),
  'HTML, named': (text) => text.replaceAll('@', '&commat;').replaceAll('.', '&period;'),
  base64: (text) => base64(text),
  'base64, one before': (text) => base64(`.${text}`),
  'base64, two before': (text) => base64(`..${text}`),
  'base64 that sticks to a word': (text) => `photo${base64(text)}`,
  base64url: (text) => base64(text).replaceAll('+', '-').replaceAll('/', '_'),
  'base64 in lines': (text) => base64(text).replaceAll(/.{9}/g, '$&\r\n'),
  'base64 of base64': (text) => base64(`x${base64(text)}`),
  'base64 of JSON escapes': (text) => base64(units(text)),
  'base64 under percent': (text) => bytesAs(base64(text), '%'),
  hex: (text) => hex(text),
  'hex that sticks to a digit': (text) => `f${hex(text)}`,
  'hex in capitals': (text) => hex(text).toUpperCase(),
  'UTF-16': (text) => Buffer.from(`${text}\n`, 'utf16le'),
  'UTF-16, big end first': (text) => Buffer.from(`${text}\n`, 'utf16le').swap16(),
  'base64 of UTF-16': (text) => base64(Buffer.from(`${text}\n`, 'utf16le')),
  'a JSON string': (text) => JSON.stringify({ '': [`before ${text} after`] }),
}

const around = (bytes: string | Buffer) =>
  Buffer.concat([Buffer.from('{"a": 1}\n"'), Buffer.from(bytes), Buffer.from('"\n')])

test('a value is found in every spelling, whole and in part, and which one it is', (t) => {
  for (const [name, spell] of Object.entries(SPELLINGS)) {
    for (const value of ALL) {
      const found = findCanaries(around(spell(value.text)), ALL)
      t.same(found, [value], `${name}: ${value.text}`)
      if (name === 'reversed') continue
      t.notOk(missingCanaries(around(spell(value.text)), [value])?.length, `${name} is whole`)
    }
  }
  const parts = ['vextrade', '4929421234', 'fie Kvěťá', 'Ευθυμία Ζ']
  for (const part of parts) {
    const found = findCanaries(around(part), ALL)
    t.equal(found?.length, 1, part)
    t.same(missingCanaries(around(part), found ?? []), found, 'a part is not the whole')
  }
  t.same(findCanaries(around('vextrad, 492942123, ofie Kv'), ALL), [], 'less is nothing')
  t.end()
})

test('masks are no leaks: what they keep is too short, or is said to be kept', (t) => {
  const masks = ['q***@planted.example', '**** **** **** 7899', 'Ž. K.-Ø.', '4929 42** **** 7899']
  const kept = [{ ...EMAIL, kept: ['@planted.example'] }, CARD, NAME, GREEK]
  t.same(findCanaries(Buffer.from(masks.join('\n')), kept), [])
  t.same(findCanaries(Buffer.from(masks.join('\n')), ALL), [EMAIL], 'unless it is not')
  t.same(findCanaries(Buffer.from('vextrade@planted.example'), kept), [kept[0]])
  t.same(piecesOf({ ...EMAIL, kept: [EMAIL.text] }), [])
  t.end()
})

test('what is larger than is searched, or grows beyond it, is not said to be clean', (t) => {
  t.equal(findCanaries(Buffer.alloc(SEARCHED_BYTES_MAX + 1, 'a'), ALL), undefined)
  t.equal(missingCanaries(Buffer.alloc(SEARCHED_BYTES_MAX + 1, 'a'), ALL), undefined)
  t.same(findCanaries(Buffer.alloc(SEARCHED_BYTES_MAX, 'a '), ALL), [])
  t.end()
})

test('a law: nothing is found in what holds nothing, and a value is found wherever it stands', (t) => {
  const foreign = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc.json(),
    fc.base64String(),
  )
  fc.assert(
    fc.property(foreign, foreign, fc.constantFrom(...ALL), (before, after, value) => {
      const clean = Buffer.from(`${before}"${after}`)
      const planted = Buffer.from(`${before}\n"${value.text}"\n${after}`)
      return (
        findCanaries(clean, ALL)?.length === 0 &&
        findCanaries(planted, ALL)?.includes(value) === true &&
        missingCanaries(clean, ALL)?.length === ALL.length
      )
    }),
    { numRuns: 100 },
  )
  t.end()
})
