/** Template expressions in free text, in every spelling that a helpdesk could still fill in. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { hasTemplate } from '../../../src/rules/request/template-text.ts'

const FOUND: readonly string[] = [
  '{{ticket.requester.email}}',
  'Dear {{ ticket.requester.first_name }},',
  '{{{raw}}}',
  '{{#each users}}',
  '{%- for user in users -%}',
  '{% assign x = y %}',
  '${contact.phone}',
  '$!{contact.phone}',
  '#{ticket.customer.email}',
  '%{ticket.user}',
  '<%= user.email %>',
  '[% user.email %]',
  '{!Contact.Email}',
  '{$Ticket->Requestors}',
  '@{user.email}',
  '{\u200b{ticket.requester.email}}',
  '{\u2060{',
  '{\u00ad{',
  '{\ufeff{',
  '{\u034f{',
  '{\ufe0f{',
  '{\u115f{',
  '{\u3164{',
  '{\u180e{',
  '{\u202e{',
  '{\u{e0001}{',
  '{\u0000{',
  '{\u0085{',
  '\uff5b\uff5bticket.requester.email\uff5d\uff5d',
  '{\uff5b',
  '\ufe5b\ufe5b',
  '\uff04{x}',
  '\ufe69\uff5b',
  '{\uff05',
  '&#123;&#123;ticket.requester.email&#125;&#125;',
  '&#x7b;&#x7B;x',
  '&#0000123;{',
  '{&#123 x',
  '&lbrace;&lcub;x',
  '&lbrace{',
  '&amp;#123;&amp;#123;',
  '&amp;amp;#123;{',
  '&dollar;{x}',
  '&percnt;{x}',
  '&lt;%= x %&gt;',
  '{&ZeroWidthSpace;{'.replace('&ZeroWidthSpace;', '&#8203;'),
  '{<b></b>{ticket.requester.email}}',
  '{<!-- > -->{x}}',
  '{<a title="<">{x}}',
  "{<a title='>'>{x}}",
  '<p>{</p><p>{x}}</p>',
  '$<i></i>{x}',
  '&#123;<br>&#123;',
  `${'<'.repeat(50)}{{`,
  `{{${'&amp;'.repeat(20)}`,
]

const NOT_FOUND: readonly string[] = [
  '',
  'Hello Jane, the total is 20 $ (100 %).',
  'function () { return { a: 1 } }',
  '{ "json": { "a": [1] } }',
  'a } { b',
  '5 < 7 and 8 > 3',
  '<b>bold</b> & <i>italic</i>',
  '&amp; &lt;tag&gt; &#169;',
  'C:\\{x}',
  '100%',
  '#1 {x}',
  'user@example.com {x}',
  '☺ {} ☺',
]

test('every opener is found, however it is written', (t) => {
  for (const text of FOUND) t.equal(hasTemplate(text), true, JSON.stringify(text.slice(0, 60)))
  t.end()
})

test('texts of every day have none', (t) => {
  for (const text of NOT_FOUND) t.equal(hasTemplate(text), false, JSON.stringify(text))
  t.end()
})

test('law: invisible characters and entities between two braces hide nothing', (t) => {
  const between = fc.array(
    fc.constantFrom(
      '\u200b',
      '\u200d',
      '\u2062',
      '\ufeff',
      '\u00ad',
      '\ufe0e',
      '&#8203;',
      '<b>',
      '</b>',
    ),
    { maxLength: 6 },
  )
  const brace = fc.constantFrom('{', '\uff5b', '\ufe5b', '&#123;', '&#x7b;', '&lcub;', '&lbrace;')
  fc.assert(
    fc.property(fc.tuple(fc.string(), fc.string()), brace, between, brace, (around, a, gap, b) => {
      const [before, after] = around.map((text) => text.replaceAll('<', ''))
      // What comes before must not be a tag that has not ended.
      const text = `${before}${a}${gap.join('')}${b}${after}`
      t.equal(hasTemplate(text), true, JSON.stringify(text))
    }),
    { numRuns: 300 },
  )
  t.end()
})

test('hostile texts of a megabyte cost no more than their length: this test ends', (t) => {
  const size = 1_000_000
  for (const unit of ['<', '&', '<a "', '&#', '<!--', '{ ', '&amp;', '">', "<'"]) {
    t.type(hasTemplate(unit.repeat(size / unit.length)), 'boolean', JSON.stringify(unit))
  }
  t.end()
})
