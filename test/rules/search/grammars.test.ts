/** Search languages: what is understood, in which one spelling it goes on, and what is not understood. */
import { test } from 'tap'
import type { Test } from 'tap'
import * as fc from 'fast-check'
import { DEPTH_MAX, TERMS_MAX, termsOf } from '../../../src/rules/search/expression.ts'
import type { TextGrammar } from '../../../src/rules/search/grammar.ts'
import { names } from '../../../src/rules/search/names.ts'
import { odata } from '../../../src/rules/search/odata.ts'
import { ticketsql } from '../../../src/rules/search/ticketsql.ts'
import { value } from '../../../src/rules/search/value.ts'
import { zendesk } from '../../../src/rules/search/zendesk.ts'
import { SENTENCES } from './sentences.ts'

function spelled(grammar: TextGrammar, text: string): string | undefined {
  const expression = grammar.parse(text)
  return expression && grammar.format(expression)
}

function check(
  t: Test,
  grammar: TextGrammar,
  understood: Readonly<Record<string, string>>,
  others: readonly string[],
): void {
  for (const [text, expected] of Object.entries(understood)) {
    t.equal(spelled(grammar, text), expected, `${grammar.name}: ${text}`)
    t.equal(
      spelled(grammar, expected),
      expected,
      `${grammar.name}: ${expected} is the one spelling`,
    )
  }
  for (const text of others) {
    t.equal(grammar.parse(text), undefined, `${grammar.name}: ${JSON.stringify(text)}`)
  }
}

test('zendesk: words, fields, comparisons, quotes and minus', (t) => {
  check(
    t,
    zendesk,
    {
      printer: 'printer',
      '  printer   broken ': 'printer broken',
      'type:user email:jane@x.example': 'type:user email:jane@x.example',
      'email:"jane@x.example"': 'email:"jane@x.example"',
      'subject:"my printer: broken"': 'subject:"my printer: broken"',
      '"a phrase"': '"a phrase"',
      'created>2026-01-01 priority>=high': 'created>2026-01-01 priority>=high',
      'created<2026-01-01T10:00:00Z': 'created<2026-01-01T10:00:00Z',
      'created>2026-01-01T10:00:00+02:00': 'created>2026-01-01T10:00:00+02:00',
      '-status:closed': '-status:closed',
      'phone:+34600': 'phone:+34600',
      'tags:a* name:Muñoz': 'tags:a* name:Muñoz',
      'custom_field_360001:x': 'custom_field_360001:x',
    },
    [
      '',
      ' ',
      'email:',
      'email: jane@x.example',
      'email:jane@x.example,other@x.example',
      'email:(a OR b)',
      '(email:a)',
      'a OR b',
      'a and b',
      'NOT a',
      'a || b',
      'a && b',
      '+a',
      '--a',
      '-',
      'a:b:c',
      'email:"a',
      'email:a"b"',
      '"a"b',
      'email:"a" "b',
      'email:""',
      'email:" a"',
      'email:"a\\"b"',
      'email:a\tb',
      'email:a\u00a0type:user',
      'email:a\u200b',
      'email:a\u3000b',
      "email:'a'",
      'email~a',
      'email=a',
      'email:a;b',
      'email:[a TO b]',
      'email:a^2',
      'email:/a.*/',
      'email:a~',
      'émail:a',
      'email:a?',
      'email:%61',
      '{{email}}',
      'x '.repeat(TERMS_MAX + 1),
    ],
  )
  t.end()
})

test('ticketsql: comparisons, AND, OR and parentheses', (t) => {
  check(
    t,
    ticketsql,
    {
      "Status = 'open'": "Status = 'open'",
      'Status="open"': "Status = 'open'",
      "Status='open'and Queue='General'": "Status = 'open' AND Queue = 'General'",
      "a = 'x' OR b = 'y' AND c = 'z'": "a = 'x' OR (b = 'y' AND c = 'z')",
      "((a = 'x'))": "a = 'x'",
      "(a = 'x' or b = 'y') AND c != 'z'": "(a = 'x' OR b = 'y') AND c != 'z'",
      "Requestor.EmailAddress = 'jane@x.example'": "Requestor.EmailAddress = 'jane@x.example'",
      "Subject LIKE 'printer'": "Subject LIKE 'printer'",
      "Subject not like 'printer'": "Subject NOT LIKE 'printer'",
      "Subject STARTSWITH 'a' AND Subject NOT ENDSWITH 'b'":
        "Subject STARTSWITH 'a' AND Subject NOT ENDSWITH 'b'",
      'Due IS NULL': 'Due IS NULL',
      'Due is not null': 'Due IS NOT NULL',
      'id > 7': 'id > 7',
      'id=-1': 'id = -1',
      "CF.{Tier} = 'gold'": "CF.{Tier} = 'gold'",
      "'CF.{Payment card}' = '4111'": "'CF.{Payment card}' = '4111'",
      "CF.{Payment card} = '4111'": "'CF.{Payment card}' = '4111'",
      [`Requestor.Name = "O'Brien"`]: `Requestor.Name = "O'Brien"`,
      "Owner = '__CurrentUser__'": "Owner = '__CurrentUser__'",
    },
    [
      '',
      'Status',
      'Status =',
      "= 'open'",
      "Status == 'open'",
      "Status = 'open' AND",
      "Status = 'open' Queue = 'x'",
      "Status = 'open' XOR Queue = 'x'",
      "Status = 'open",
      "Status = 'o\\'pen'",
      "Status = 'open' -- comment",
      "Status = 'open' /* x */",
      "Status = 'open'; DROP",
      "Status = 'open' # x",
      'Status = open',
      'Status = Queue',
      "Status IN ('a', 'b')",
      "NOT Status = 'open'",
      "NOT (Status = 'open')",
      "Status IS 'open'",
      'Status = NULL',
      "(Status = 'open'",
      "Status = 'open')",
      "Status\n= 'open'",
      "Status\t= 'open'",
      "Status = 'a\u0000b'",
      "Status\u00a0= 'open'",
      "'CF.{a'b}' = 'x'",
      "Stätus = 'open'",
      'Requestor.EmailAddress = ‘x’',
      "Subject = 'CF.{Payment card}'",
      "Subject LIKE 'cf.card'",
      'Subject = CF.{Card}',
      "Status LIKE LIKE 'x'",
      "Status NOT IS 'x'",
      "and = 'x'",
      `${'('.repeat(DEPTH_MAX + 2)}a = 'x'${')'.repeat(DEPTH_MAX + 2)}`,
      Array.from({ length: TERMS_MAX + 1 }, () => "a = 'x'").join(' AND '),
    ],
  )
  t.end()
})

test('odata: comparisons, functions, and, or, not and parentheses', (t) => {
  check(
    t,
    odata,
    {
      "email eq 'jane@x.example'": "email eq 'jane@x.example'",
      "name eq 'O''Brien'": "name eq 'O''Brien'",
      'id gt 7 and open eq true': 'id gt 7 and open eq true',
      "a eq 'x' or b eq 'y' and c eq 'z'": "a eq 'x' or (b eq 'y' and c eq 'z')",
      "not (a eq 'x')": "not (a eq 'x')",
      "not (a eq 'x' or b eq null)": "not (a eq 'x' or b eq null)",
      "startswith(email,'a')": "startswith(email,'a')",
      "contains( subject , 'a' ) and price le -1.5": "contains(subject,'a') and price le -1.5",
      'created ge 2026-01-01T00:00:00Z': 'created ge 2026-01-01T00:00:00Z',
      'day eq 2026-01-01': 'day eq 2026-01-01',
      'key eq 01234567-89ab-cdef-0123-456789abcdef': 'key eq 01234567-89ab-cdef-0123-456789abcdef',
      "email eq ''": "email eq ''",
    },
    [
      '',
      'email',
      'email eq',
      "'x' eq email",
      'email eq other',
      "email eq 'x",
      "email eq 'x' and",
      "email eq 'x'' or 1 eq 1",
      "tolower(email) eq 'x'",
      'length(email) eq 5',
      "substringof('a',email)",
      "indexof(email,'a') eq 0",
      "startswith('a',email)",
      'startswith(email,other)',
      "startswith(tolower(email),'a')",
      "contact/email eq 'x'",
      "emails/any(e: e eq 'x')",
      "not email eq 'x'",
      "email EQ 'x'",
      "email eq 'x' && a eq 1",
      'id add 1 eq 8',
      "email in ('a','b')",
      "email eq 'x' // comment",
      "email eq 'x'\u0000",
      "e-mail eq 'x'",
      'null eq null',
      "email has 'x'",
      '$it/email eq 1',
      "email eq 'x';",
      '1 eq 1',
      'id eq 1.2.3',
    ],
  )
  t.end()
})

test('names: fields to sort or select by', (t) => {
  check(
    t,
    names,
    {
      created_at: 'created_at',
      '-created_at,status': '-created_at,status',
      'created_at desc, status asc': 'created_at desc,status asc',
      'Requestor.EmailAddress': 'Requestor.EmailAddress',
      'CF.{Payment card}': 'CF.{Payment card}',
    },
    [
      '',
      ',',
      'a,',
      'a,,b',
      'a,a',
      'a,-a',
      'a,a desc',
      'email as x',
      'mail:email',
      'a b',
      '-a desc',
      '--a',
      'a;b',
      'a|b',
      'a.*',
      '*',
      '_links/email',
      'a(b)',
      'users[email]',
      'a\u00a0desc',
      'a ,b',
      'émail',
    ],
  )
  t.end()
})

test('value: any text without invisible characters', (t) => {
  check(t, value, { 'jane@x.example': 'jane@x.example', '* OR 1=1': '* OR 1=1' }, [
    '',
    'a\u0000',
    'a\u200b',
    'a\ud800',
    'a\n',
    'x'.repeat(501),
  ])
  t.end()
})

const GRAMMARS = [zendesk, ticketsql, odata, names, value]
/** Pieces that all languages are made of, so that much of what comes out is nearly an expression. */
const piece = fc.constantFrom(
  ...'email status a Requestor.EmailAddress CF.{a b} 7 -1 2026-01-01 null NULL true x* @ : = != < >= eq ne LIKE'
    .split(' ')
    .concat('NOT not and AND or OR ( ) , - -- startswith contains IS “ \\ /* # ; %'.split(' '))
    .concat([
      "'CF.{a b}'",
      "'x'",
      '"x y"',
      "''",
      "'it''s'",
      `"it's"`,
      ' ',
      '  ',
      '\t',
      '\u00a0',
      '\u200b',
    ]),
)
const text = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(' ')),
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

test('law: what is understood has one spelling, which means the same', (t) => {
  for (const grammar of GRAMMARS) {
    const some = fc.oneof(text, SENTENCES[grammar.name as keyof typeof SENTENCES])
    let understood = 0
    fc.assert(
      fc.property(some, (sentence) => {
        const expression = grammar.parse(sentence)
        if (expression === undefined) return
        understood += 1
        const once = grammar.format(expression)
        const again = grammar.parse(once)
        t.same(again && termsOf(again), termsOf(expression), JSON.stringify(sentence))
        t.same(again, grammar.parse(grammar.format(again ?? expression)))
      }),
      { numRuns: 3_000 },
    )
    t.ok(understood > 20, `${grammar.name} understood ${understood}`)
  }
  t.end()
})

test('hostile texts are decided in time that grows with them: this test ends', (t) => {
  for (const grammar of GRAMMARS) {
    for (const unit of [
      '(',
      '" a',
      "a='x' or ",
      '"',
      "'",
      'a:',
      '-',
      ' ',
      'a ',
      'not (',
      '@.',
      ',',
      'a,',
    ]) {
      t.doesNotThrow(() => grammar.parse(unit.repeat(Math.floor(200_000 / unit.length))))
    }
  }
  t.end()
})
