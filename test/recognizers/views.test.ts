/** What is written so that patterns miss it is found all the same, and replaced where it stands. */
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { test } from 'tap'
import { rewriteText } from '../../src/recognizers/rewrite-text.ts'
import type { RewritePlan } from '../../src/recognizers/rewrite-text.ts'
import { createScanner } from '../../src/recognizers/scanner.ts'
import { readSource } from '../../src/recognizers/view/read.ts'
import { active, found, PRECEDENCE } from './scanning.ts'

const scanner = createScanner(active())

/** The text with each span replaced by its recognizer's name in angle brackets. */
function named(text: string): string {
  return rewritten(text, ({ recognizer }) => `[${recognizer}]`)
}

function rewritten(text: string, decide: RewritePlan['decide']): string {
  return rewriteText(text, { scanner, precedence: PRECEDENCE, decide }) ?? '(whole)'
}

const CARD = '4111 1111 1111 1111'

const DISGUISES: readonly (readonly [string, string])[] = [
  ['card &#52;111&nbsp;1111&#x20;1111 1111 ok', 'card [card] ok'],
  ['a\u200bd 4111\u200b1111\u20601111\ufeff1111 ok', 'a\u200bd [card] ok'],
  ['\uff14\uff11\uff11\uff11 1111 1111 1111', '[card]'],
  ['\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 1111 1111', '[card]'],
  ['\u{1d7d2}\u{1d7cf}\u{1d7cf}\u{1d7cf} 1111 1111 1111', '[card]'],
  ['4111\u00a01111\u202f1111\u20071111', '[card]'],
  ['4111\u20131111\u20111111\u22121111', '[card]'],
  ['4111 11=\r\n11 1111 1111', '[card]'],
  ['jane=40example=2Ecom', '[email]'],
  ['card=4111111111111111&amount=12', 'card=[card]&amount=12'],
  ['amount=12&iban=DE89370400440532013000', 'amount=12&iban=[iban]'],
  ['iban=\nDE89370400440532013000', 'iban=\n[iban]'],
  ['?=4111 1111 1111 1111?=DE89370400440532013000', '?=[card]?=[iban]'],
  ['jane%40example.com', '[email]'],
  ['j\u00ad\u00adane@exam\u00adple.com', '[email]'],
  ['jane\uff20example\uff0ecom', '[email]'],
  ['<b>4111</b> 1111 <i>1111</i> 1111', '<b>[card]</b><i></i>'],
  [
    '4111 1111<wbr>1111 1111',
    '4111 1111<wbr>1111 1111'.replace('4111 1111', '[card]').replace('1111 1111', ''),
  ],
  ['<p>jane@example.com</p><p>x</p>', '<p>[email]</p><p>x</p>'],
  [
    '<td>4111 1111</td><td>1111 1111</td>',
    '<td>4111 1111</td><td>1111 1111</td>'.replace('4111 1111', '[card]').replace('1111 1111', ''),
  ],
  [
    '<a href="mailto:jane@example.com" title=x>mail</a>',
    '<a href="mailto:[email]" title=x>mail</a>',
  ],
  ['<img alt="4111&#32;1111 1111 1111">', '<img alt="[card]">'],
  ['<!-- 4111 1111 1111 1111 -->', '<!-- [card] -->'],
  ['<script>var x="jane@example.com"</script>', '<script>var x="[email]"</script>'],
  ['write to <jane@example.com> or 1 < 2', 'write to <[email]> or 1 < 2'],
  ['a <b and 4111 1111 1111 1111', 'a <b and [card]'],
  ['Tel<b>612 345 678</b>Mail', 'Tel<b>[phone]</b>Mail'],
  ['<DE89370400440532013000>', '<[iban]>'],
  ['=?utf-8?Q?card_4111_1111_1111_1111?=', '=?UTF-8?B?Y2FyZCBbY2FyZF0=?='],
  ['From: =?iso-8859-1?Q?Jos=E9?= <jose@example.com>', 'From: =?iso-8859-1?Q?Jos=E9?= <[email]>'],
  ['=?utf-8?B?NDExMSAxMTEx?=\r\n =?utf-8?B?IDExMTEgMTExMQ==?= x', '=?UTF-8?B?W2NhcmRd?= x'],
  ['=?utf-8?B?broken!?= jane@example.com', '=?utf-8?B?broken!?= [email]'],
  ['=?x-unknown?Q?jane=40example.com?=', '=?x-unknown?Q?jane=40example.com?='],
]

test('disguised values are found, and what is around them stays', (t) => {
  for (const [text, expected] of DISGUISES) t.equal(named(text), expected, JSON.stringify(text))
  t.end()
})

test('words that are encoded are replaced whole, also those in others', (t) => {
  const inner = Buffer.from(`my card is ${CARD}`).toString('base64')
  const packed = gzipSync(`here it is: ${inner}`).toString('base64url')
  t.equal(named(`a ${inner} b`), 'a [card] b')
  t.equal(named(`a ${packed}, b`), 'a [card], b')
  const short = Buffer.from('4111111111111111')
  t.equal(named(`a ${short.toString('base64')} b`), 'a [card] b', 'no longer than a card needs')
  t.equal(named(`(${short.toString('base64url')})`), '([card])')
  t.equal(named(`no card: ${'deadbeef'.repeat(8)}`), `no card: ${'deadbeef'.repeat(8)}`)
  t.end()
})

test('a text that has more packed inside than is looked at is concealed whole', (t) => {
  const nested = (times: number): string =>
    Array.from({ length: times }, () => gzipSync('words '.repeat(40_000)).toString('base64')).join(
      ' ',
    )
  t.equal(named(gzipSync(Buffer.alloc(3_000_000, 'a ')).toString('base64')), '(whole)')
  t.not(named(nested(8)), '(whole)')
  t.equal(named(nested(9)), '(whole)')
  t.equal(named(gzipSync(nested(9)).toString('base64')), '(whole)', 'also within another')
  const words = (times: number): string => `${'a'.repeat(24)} `.repeat(times)
  t.not(named(words(4096)), '(whole)')
  t.equal(named(words(4097)), '(whole)')
  const mail = (charsets: number): string =>
    Array.from({ length: charsets }, (_, at) => `=?x-${at}?Q?a?=`).join(' ')
  t.equal(
    named(`${mail(15)} =?utf-8?Q?${CARD.replaceAll(' ', '_')}?=`).slice(-20),
    '=?UTF-8?B?W2NhcmRd?=',
  )
  t.equal(named(`${mail(16)} =?utf-8?Q?${CARD.replaceAll(' ', '_')}?=`), '(whole)')
  const turned = (times: number): string => '\u202ea\u202c'.repeat(times)
  t.equal(named(`${turned(4095)}\u202emoc.elpmaxe@enaj`), `${turned(4095)}\u202e[email]`)
  t.equal(named(`${turned(4096)}\u202emoc.elpmaxe@enaj`), '(whole)')
  t.end()
})

test('what is unpacked counts, whether it is text or not', (t) => {
  const packed = gzipSync(Buffer.alloc(1_000_000)).toString('base64')
  t.not(named(`${packed} ${packed}`), '(whole)')
  t.equal(named(`${packed} ${packed} ${packed}`), '(whole)')
  const whole = gzipSync(Buffer.alloc(1_000_000))
  const broken = whole.subarray(0, whole.length - 8).toString('base64')
  t.not(named(broken), '(whole)')
  t.equal(named(`${broken} ${broken} ${broken}`), '(whole)', 'also where it breaks off at its end')
  t.equal(named(`H4sIAAAAAAAAA${'a'.repeat(24)} ${CARD}`), `H4sIAAAAAAAAA${'a'.repeat(24)} [card]`)
  t.end()
})

test('what stands in for a value is written as the text around it is', (t) => {
  const replace = (text: string): string => rewritten(text, () => '<a="b">&')
  t.equal(replace(CARD), '<a="b">&')
  t.equal(replace(`<p>${CARD}</p>`), '<p>&lt;a=&quot;b&quot;&gt;&amp;</p>')
  t.equal(replace(`a=\r\nb ${CARD}`), 'a=\r\nb <a=3D"b">&')
  t.end()
})

test('a text without anything to undo is read as it is', (t) => {
  for (const text of ['', 'plain text, 1 + 1 = 2', `card ${CARD}`, '50 % off', 'é ñ ü', '日本語']) {
    t.same(
      readSource(text).views.map((view) => view.text),
      [text],
    )
  }
  t.end()
})

/** Pieces of texts that mean something, and some that are broken. */
const fragments = fc.constantFrom(
  CARD,
  '4111',
  'jane@example.com',
  '+34 612 345 678',
  'DE89370400440532013000',
  '<b>',
  '</b>',
  '<p class="x',
  '">',
  '<!--',
  '-->',
  '&nbsp;',
  '&#52;',
  '&',
  '%40',
  '=40',
  'card=',
  '=DE89370400440532013000',
  '=\r\n',
  '=?utf-8?Q?',
  '?=',
  '=?utf-8?B?NDExMQ==?=',
  '\u200b',
  '\u{1d7d2}',
  '\ud83d',
  '\u{1f600}',
  '\uff14',
  'order ',
  ' ',
  '\n',
  'é',
  '0',
  'card',
)
const texts = fc.oneof(
  fc.array(fragments, { maxLength: 30 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

test('spans lie in the text, are in order and never split a code point', (t) => {
  const law = fc.property(texts, (text) => {
    for (const { pieces } of scanner.find(text).spans) {
      let end = 0
      for (const piece of pieces) {
        if (piece.start < end || piece.end <= piece.start || piece.end > text.length) return false
        if (isInside(text, piece.start) || isInside(text, piece.end)) return false
        end = piece.end
      }
    }
    return true
  })
  fc.assert(law, { numRuns: 3_000 })
  t.end()
})

// Words come nearer where what stood between is replaced, and can then speak for a doubtful number more.
test('replacing what is found without a look at words leaves nothing that would be found again', (t) => {
  const wordless = createScanner(
    active().map((entry) => ({ ...entry, recognizer: { ...entry.recognizer, words: [] } })),
  )
  const plan: RewritePlan = { scanner: wordless, precedence: PRECEDENCE, decide: () => '[x]' }
  const masked = (text: string): string => rewriteText(text, plan) ?? '(whole)'
  const law = fc.property(texts, (text) => {
    // Read both ways, what is replaced in one reading may part numbers that were one in the other.
    const { quotedPrintable } = wordless.find(text).encoding
    const once = masked(text)
    const last = quotedPrintable ? masked(masked(once)) : once
    return masked(last) === last
  })
  fc.assert(law, { numRuns: 2_000 })
  t.end()
})

test('where nothing is replaced the very same text comes back', (t) => {
  const law = fc.property(texts, (text) => {
    const same = rewriteText(text, { scanner, precedence: PRECEDENCE, decide: () => undefined })
    return same === text
  })
  fc.assert(law, { numRuns: 2_000 })
  t.end()
})

test('what is found does not depend on the text read before', (t) => {
  const law = fc.property(texts, texts, (before, text) => {
    const fresh = JSON.stringify(createScanner(active()).find(text))
    scanner.find(before)
    return JSON.stringify(scanner.find(text)) === fresh
  })
  fc.assert(law, { numRuns: 200 })
  t.same(found(CARD), [`card: ${CARD}`])
  t.end()
})

/** True between the two halves of a code point. */
function isInside(text: string, at: number): boolean {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)]
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff
}
