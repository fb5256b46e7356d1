/** Proves that the oracle can fail: every disguise of a canary is found, and what looks like one is not. */
import { test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { drawFrom, withCheckDigit } from '../helpers/canary-alphabet.ts'
import { assertNoCanary, createCanaries, type Canaries } from '../helpers/canaries.ts'

const KINDS = ['text', 'email', 'phone', 'name', 'card'] as const

function planted(): { canaries: Canaries; values: string[] } {
  const canaries = createCanaries(7)
  return { canaries, values: KINDS.map((kind) => canaries.make(kind, `field.${kind}`)) }
}

const reverse = (text: string): string => Array.from(text).toReversed().join('')
const each = (text: string, escape: (code: number, char: string) => string): string => {
  return Array.from(text, (char) => escape(char.codePointAt(0) ?? 0, char)).join('')
}
const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')
const base64At = (shift: number) => (value: string) => {
  return Buffer.from(`${'~'.repeat(shift)}${value}~~`).toString('base64')
}
const everySecond = (text: string, escape: (char: string) => string): string => {
  return Array.from(text, (char, place) => (place % 2 === 0 ? escape(char) : char)).join('')
}

const DISGUISES: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  'lower case': (value) => value.toLowerCase(),
  'upper case': (value) => value.toUpperCase(),
  'mixed case': (value) => everySecond(value, (char) => char.toUpperCase()),
  reversed: reverse,
  'reversed upper case': (value) => reverse(value).toUpperCase(),
  'percent-encoded as browsers do': encodeURIComponent,
  'percent-encoded whole, small': (value) => each(value, (code) => `%${hex(code, 2)}`),
  'percent-encoded whole, capital': (value) =>
    each(value, (code) => `%${hex(code, 2).toUpperCase()}`),
  'percent-encoded twice': (value) => each(value, (code) => `%25${hex(code, 2)}`),
  'percent-encoded in part': (value) =>
    everySecond(value, (char) => `%${hex(char.charCodeAt(0), 2)}`),
  'HTML hexadecimal': (value) => each(value, (code) => `&#x${hex(code, 2)};`),
  'HTML decimal': (value) => each(value, (code) => `&#${code};`),
  'HTML decimal with zeros': (value) => each(value, (code) => `&#000${code};`),
  'HTML in part': (value) => everySecond(value, (char) => `&#${char.charCodeAt(0)};`),
  'HTML by name': (value) => value.replaceAll('@', '&commat;').replaceAll('+', '&plus;'),
  'JSON escaped': (value) => each(value, (code) => String.raw`\u${hex(code, 4)}`),
  'JSON escaped in part': (value) =>
    everySecond(value, (char) => String.raw`\u${hex(char.charCodeAt(0), 4)}`),
  'JSON in JSON': (value) => JSON.stringify(each(value, (code) => String.raw`\u${hex(code, 4)}`)),
  'JavaScript escaped': (value) => each(value, (code) => String.raw`\x${hex(code, 2)}`),
  'JavaScript braces': (value) => each(value, (code) => String.raw`\u{${hex(code, 2)}}`),
  'quoted-printable': (value) => each(value, (code) => `=${hex(code, 2).toUpperCase()}`),
  'quoted-printable, broken lines': (value) => everySecond(value, (char) => `${char}=\r\n`),
  hex: (value) => Buffer.from(value).toString('hex'),
  'hex capital': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  'hex of upper case': (value) => Buffer.from(value.toUpperCase()).toString('hex'),
  'hex of reversed': (value) => Buffer.from(reverse(value)).toString('hex'),
  'base64, first place': base64At(0),
  'base64, second place': base64At(1),
  'base64, third place': base64At(2),
  'base64 of upper case': (value) => base64At(1)(value.toUpperCase()),
  'base64 of lower case': (value) => base64At(2)(value.toLowerCase()),
  'base64 of reversed': (value) => base64At(1)(reverse(value)),
  'base64 in lines': (value) => base64At(1)(value).replaceAll(/.{9}/g, '$&\r\n'),
  'base64 in JSON in lines': (value) => base64At(2)(value).replaceAll(/.{9}/g, String.raw`$&\r\n`),
  'base64, percent-encoded': (value) => encodeURIComponent(base64At(1)(value)),
  'base64url without padding': (value) => Buffer.from(`>>?${value}`).toString('base64url'),
}

test('search finds every kind of canary in every disguise, in a JSON answer', (t) => {
  for (const [disguise, wear] of Object.entries(DISGUISES)) {
    const { canaries, values } = planted()
    for (const [index, value] of values.entries()) {
      const found = canaries.find(`{"a":1,"b":"${wear(value)}"}`, { where: 'answer' })
      t.ok(
        found.some(({ field }) => field === `field.${KINDS[index]}`),
        `${disguise}: ${KINDS[index]}`,
      )
    }
  }
  t.end()
})

test('search finds every window of six characters of the secret part in every disguise', (t) => {
  const canaries = createCanaries(3)
  const value = canaries.make('text', 'note')
  for (const [disguise, wear] of Object.entries(DISGUISES)) {
    const missed: string[] = []
    for (let at = 0; at + 6 <= value.length; at += 1) {
      const piece = value.slice(at, at + 6)
      if (canaries.find(`"${wear(piece)}"`, { where: 'answer' }).length === 0) missed.push(piece)
    }
    t.same(missed, [], disguise)
  }
  t.same(canaries.find(value.slice(0, 5), { where: 'answer' }), [], 'five characters are let go')
  t.end()
})

test('search finds canaries at both ends of bytes that are no text, and in a long one', (t) => {
  const { canaries, values } = planted()
  const noise = Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 7_919) % 256))
  t.same(canaries.find(noise, { where: 'noise' }), [])
  for (const value of values) {
    const piece = Buffer.from(value)
    for (const bytes of [
      piece,
      Buffer.concat([piece, noise]),
      Buffer.concat([noise, piece]),
      Buffer.concat([noise, piece, noise]),
    ]) {
      t.not(canaries.find(bytes, { where: 'noise' }).length, 0)
    }
  }
  t.same(canaries.find('', { where: 'nothing' }), [])
  t.end()
})

test('search lets go what an operator keeps, and only that', (t) => {
  const canaries = createCanaries(11)
  const email = canaries.make('email', 'email')
  const card = canaries.make('card', 'card')
  const [local = '', domain = ''] = email.split('@')
  const masked = `${email.charAt(0)}***@${domain}`
  const kept = { where: 'answer', allowed: [masked] }
  t.not(
    canaries.find(masked, { where: 'answer' }).length,
    0,
    'the domain is a finding unless allowed',
  )
  t.same(canaries.find(masked, kept), [], 'the masked value is allowed')
  t.same(canaries.find(masked.toUpperCase(), kept), [], 'in other case too')
  t.not(canaries.find(`${masked} ${local.slice(0, 6)}`, kept).length, 0, 'the local part is not')
  t.not(canaries.find(email, kept).length, 0, 'nor the whole')
  t.same(canaries.find(email, { where: 'answer', allowed: [email] }), [], 'shown in clear')
  t.not(
    canaries.find(card, { where: 'answer', allowed: [email] }).length,
    0,
    'one does not allow another',
  )
  t.same(canaries.find(`**** **** **** ${card.slice(-4)}`, { where: 'answer' }), [])
  t.same(
    canaries.find('a.example +1555 b@host.example.com', { where: 'answer' }),
    [],
    'common parts',
  )
  t.end()
})

test('search takes own values with letters beyond ASCII', (t) => {
  const canaries = createCanaries()
  canaries.add('name', 'Čeněk Šafářík 山田')
  for (const text of [
    'ČENĚK ŠAFÁŘÍK',
    'čeněk šafářík',
    String.raw`\u010cen\u011bk \u0160af\u00e1\u0159\u00edk`,
    encodeURIComponent('Čeněk Šafářík'),
    '&#268;en&#283;k &#352;af',
    Buffer.from('x Čeněk Šafářík').toString('base64'),
    Buffer.from('Šafářík').toString('hex'),
    '田山 kí',
  ]) {
    t.equal(canaries.find(text, { where: 'answer' }).length > 0, text !== '田山 kí', text)
  }
  t.throws(() => canaries.add('short', 'abcde'), /too short/)
  t.end()
})

test('search lets chance go in clocks, fractions, ids and pseudonyms, but no run of ten', (t) => {
  const now = String(systemClock.nowMs())
  const uuid = '0197a3f4-1234-7567-8901-23456789abcd'
  const digest = `${'12345678'.repeat(7)}9abcdef0`
  const samples = [
    [now.slice(3, 9), `{"time":${now}}`],
    ['456789', `{"id":"${uuid}"}`],
    ['345678', `sha ${digest} end`],
    ['214583', '{"durationMs":3.2145830000000387}'],
    ['kqzwvx', 'v3:abkqzwvxABCDEFGHIJKLMN'],
  ] as const
  for (const [digits, text] of samples) {
    const canaries = createCanaries()
    canaries.add('field', digits)
    t.same(canaries.find(text, { where: 'log' }), [], text)
    t.not(canaries.find(`{"a":"${digits}"}`, { where: 'log' }).length, 0, `${digits} by itself`)
    t.not(canaries.find(`{"a":${digits}}`, { where: 'log' }).length, 0, `${digits} as a number`)
  }
  const canaries = createCanaries()
  canaries.add('card', '4012345678901234')
  t.not(canaries.find('{"a":1.4012345678901}', { where: 'log' }).length, 0, 'a run of ten')
  t.not(canaries.find('{"at":4012345678901}', { where: 'log' }).length, 0, 'no clock of today')
  t.not(canaries.find('id 4012345-7', { where: 'log' }).length, 0, 'no id')
  t.end()
})

test('canaries are unique, repeatable by seed, and shaped like what they stand for', (t) => {
  const first = createCanaries(5)
  const again = createCanaries(5)
  const other = createCanaries(6)
  const values = new Set<string>()
  for (const kind of KINDS) {
    for (let index = 0; index < 200; index += 1) {
      const value = first.make(kind, `f${index}`)
      t.equal(again.make(kind, `f${index}`), value)
      values.add(value).add(other.make(kind, `f${index}`))
    }
  }
  t.equal(values.size, 2 * 5 * 200)
  t.equal(first.all.length, 1_000)
  t.equal(first.make('card', 'f0'), first.make('card', 'f0'), 'the same field, the same value')
  t.match(first.make('email', 'x'), /^[g-z][g-z2-9]{13}@[g-z][g-z2-9]{11}\.example$/)
  t.match(first.make('phone', 'x'), /^\+1555[0-9]{7}$/)
  t.match(first.make('name', 'x'), /^[G-Z][g-z]{7} [G-Z][g-z]{8}$/)
  t.equal(withCheckDigit('7992739871'), '79927398713', 'the usual example of the Luhn check')
  t.equal(withCheckDigit('401288888888188'), '4012888888881881')
  const draw = drawFrom(1)
  const seen = new Set(Array.from({ length: 1_000 }, () => draw(20)))
  t.equal(seen.size, 20)
  t.end()
})

test('plant fills placeholders, refuses what is no kind and a template with a piece by accident', (t) => {
  const canaries = createCanaries()
  const text = canaries.plant('{"e":"{{email:who}}","again":"{{email:who}}","n":"{{name:who}}"}')
  const parsed = JSON.parse(text) as Record<string, string>
  t.equal(parsed['e'], canaries.make('email', 'who'))
  t.equal(parsed['again'], parsed['e'])
  t.equal(parsed['n'], canaries.make('name', 'who'))
  t.throws(() => canaries.plant('{{iban:x}}'), /no kind/)
  t.throws(() => canaries.plant('{{constructor:x}}'), /no kind/)
  t.throws(() => canaries.plant(`{"x":"${parsed['e']?.slice(2, 9)}"}`), /another seed/)
  t.end()
})

test('assertNoCanary passes and fails as it should, and never over nothing', (t) => {
  const results: unknown[] = []
  const fake = {
    same: (found: unknown) => {
      results.push(found)
      return true
    },
  } as unknown as Parameters<typeof assertNoCanary>[0]
  const canaries = createCanaries()
  t.throws(() => assertNoCanary(fake, canaries, 'x', { where: 'answer' }), /no canary was planted/)
  const value = canaries.make('text', 'note')
  assertNoCanary(fake, canaries, 'clean', { where: 'answer' })
  assertNoCanary(fake, canaries, `<${value}>`, { where: 'answer' })
  t.same(results[0], [])
  t.match(results[1], [{ field: 'note', form: 'plain' }])
  t.end()
})

test('search goes through megabytes in well under a second, with a hundred canaries', (t) => {
  const canaries = createCanaries()
  for (let index = 0; index < 100; index += 1)
    canaries.make(KINDS[index % 5] ?? 'text', `f${index}`)
  const bytes = Buffer.from(
    '{"id":12,"subject":"Printer on fire","tags":["a","b"]},'.repeat(40_000),
  )
  const startMs = systemClock.monotonicMs()
  t.same(canaries.find(bytes, { where: 'answer' }), [])
  const tookMs = systemClock.monotonicMs() - startMs
  t.comment(`${bytes.length} bytes in ${Math.round(tookMs)} ms`)
  t.ok(tookMs < 2_000)
  t.end()
})
