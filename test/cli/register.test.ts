/** The register of roles: what it says of a policy and its use, and that no text of a policy is more than text in it. */
import { join } from 'node:path'
import { test } from 'tap'
import { csvLines } from '../../src/cli/register/csv.ts'
import { markdownTable, markdownText } from '../../src/cli/register/markdown.ts'
import { runHere } from '../helpers/program.ts'

const APPROVER = 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='

const POLICY = `version: 1
upstreams: { desk: { url: "http://127.0.0.1:9" } }
identity:
  issuers:
    - { issuer: "http://127.0.0.1:9", audience: celosia, algorithms: [ES256], roles: "$.roles[*]" }
  assurance: { second-factor: { amr: [mfa] } }
  training: { claim: trained, maxAge: 365d }
classes:
  person.name: { mask: initials, owner: Head of support }
  payment.card: { mask: { keepLast: 4 }, sensitive: true, assurance: second-factor }
  text.note: { mask: { scan: [payment.card] } }
roles:
  agent: { show: [person.name] }
  writer: { show: [text.note], write: [person.name], owner: "=HYPERLINK(0)" }
  lead:
    reveal: { payment.card: { budget: 5/day, hours: { days: [mon], from: "08:00", to: "18:00" } } }
    breakGlass: { classes: [person.name], for: 2h, justification: "a | b <script>" }
    justification: refunds
reveal:
  reasons: [refund]
  ticket: integer
  approvers: { dana: { key: ${APPROVER} } }
register:
  controller: Example Support Ltd
  retention: { "payment.*": 10 years, payment.card: until refunded }
routes:
  - match: GET /tickets
    upstream: desk
    unlisted: show
    fields: { person.name: $.name, payment.card: $.card, text.note: $.note }
    fixture: none
  - match: GET /reports
    upstream: desk
    unlisted: mask
    roles: [agent]
    assurance: second-factor
    fields: { person.name: $.name }
    fixture: none
`

interface Printed {
  readonly access: readonly Record<string, unknown>[]
  readonly card_numbers: { readonly roles: readonly unknown[]; readonly unseen: readonly unknown[] }
  readonly processing: Record<string, unknown> & { readonly missing: readonly string[] }
}

function printed(file: string, ...args: readonly string[]) {
  return runHere(['insight', 'register', '--config', file, '--policy-only', ...args])
}

test('each role has each class in one way or several, with what is asked for it', async (t) => {
  const file = join(t.testdir({ 'p.yaml': POLICY }), 'p.yaml')
  const { stdout, code } = await printed(file, '--format', 'json')
  t.equal(code, 0)
  const { access, card_numbers: cards, processing } = JSON.parse(stdout) as Printed
  const of = (role: string, name: string) =>
    access.filter((row) => row['role'] === role && row['class'] === name)
  t.match(of('agent', 'person.name'), [
    {
      access: 'show',
      class_owner: 'Head of support',
      sets: true,
      conditions: ['privacy training within 365d'],
      routes: ['GET /tickets', 'GET /reports (assurance second-factor)'],
      use: null,
    },
  ])
  t.match(of('writer', 'person.name'), [{ access: 'masked', sets: true, routes: ['GET /tickets'] }])
  t.match(of('lead', 'payment.card'), [
    {
      access: 'reveal',
      justification: 'refunds',
      sensitive: true,
      conditions: [
        'for one request',
        'a reason with a ticket (integer)',
        'assurance second-factor',
        'privacy training within 365d',
        'at most 5 data subjects a day',
        'mon 08:00 to 18:00 UTC',
      ],
    },
  ])
  t.match(of('lead', 'person.name'), [
    {
      access: 'break-glass',
      conditions: ['approved by a second person (dana)', 'for at most 2h', /training/, /finding/],
    },
  ])
  t.same(cards, {
    roles: [
      { role: 'writer', class: 'text.note', access: 'show', in_text: true },
      { role: 'lead', class: 'payment.card', access: 'reveal', in_text: false },
    ],
    unseen: ['GET /tickets: what no line names is shown'],
  })
  t.match(processing, {
    controller: 'Example Support Ltd',
    officer: null,
    categories: [{ retention: null }, { class: 'payment.card', retention: 'until refunded' }],
  })
  t.ok(processing.missing.includes('register.purposes'))
  t.ok(processing.missing.includes('register.retention: person.name'))
  t.notOk(
    processing.missing.some((key) => key.includes('payment.card') && key.includes('retention')),
  )
})

test('Markdown and CSV take no text of a policy for more than text', async (t) => {
  const file = join(t.testdir({ 'p.yaml': POLICY }), 'p.yaml')
  const markdown = (await printed(file)).stdout
  t.ok(markdown.includes('a \\| b \\<script\\>'))
  t.notMatch(markdown, /(?<!\\)<script/)
  const csv = (await printed(file, '--format', 'csv')).stdout
  t.ok(csv.includes(`"writer","'=HYPERLINK(0)"`))
  t.equal(csv.trim().split('\n').length, 1 + 9)
  const facts = (await printed(file, '--format', 'csv-processing')).stdout
  t.match(facts, /^"fact","text","owner","retention"\n"controller","Example Support Ltd"/)
})

test('a cell that a spreadsheet would run begins with an apostrophe', (t) => {
  for (const text of [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '  =1',
    '＝1',
    '"=1',
    '|cmd',
    '\t=1',
    '\r=1',
  ]) {
    const [, line = ''] = csvLines(['a'], [[text]])
    t.ok(line.startsWith(`"'`), JSON.stringify(text))
    t.notMatch(line, /[\t\r\n]/)
  }
  t.same(csvLines(['a', 'b', 'c'], [['a-b "c"', 7, undefined]]), ['"a","b","c"', '"a-b ""c""",7,'])
  t.end()
})

test('nor is there one behind a semicolon, which is where cells end in half of Europe', (t) => {
  for (const text of ['x;=1+1;y', 'x; @SUM(A1)', 'x;"=1', ';;=1', 'x;＝1']) {
    const [, line = ''] = csvLines(['a'], [[text]])
    for (const cell of line.split(';')) t.notMatch(cell, /^[\s"]*[=@＝]/, text)
  }
  t.same(csvLines(['a'], [['a; b']]), ['"a"', '"a; b"'])
  t.end()
})

test('JSON of a policy reaches no control of a terminal', async (t) => {
  const control = String.raw`\x9b2J\u202e`
  const words = POLICY.replace('justification: refunds', `justification: "${control}"`)
  const lines = POLICY.replace('text.note: $.note', `text.note: '$["\u009b\u202e"]'`)
  const folder = t.testdir({ 'p.yaml': POLICY, 'words.yaml': words, 'lines.yaml': lines })
  const at = (name: string) => join(folder, name)
  const register = await printed(at('words.yaml'), '--format', 'json')
  const files = [at('p.yaml'), at('lines.yaml')]
  const diff = await runHere(['policy', 'diff', ...files, '--format', 'json'])
  for (const { stdout, stderr } of [register, diff]) {
    t.match(stdout, String.raw`\u009b`, stderr)
    t.notMatch(stdout, /[^\P{C}\n]/u)
  }
})

test('nothing in a text begins a cell, a line, a link or an element', (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['a|b', 'a\\|b'],
    ['x\ny', 'x\ufffdy'],
    ['# title', '\\# title'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['[a](https://x.example)', '\\[a\\](https\\://x.example)'],
    ['www.x.example', 'www\\.x.example'],
    ['<b>&amp;', '\\<b\\>\\&amp;'],
    ['`a` *b* _c_ \\', '\\`a\\` \\*b\\* \\_c\\_ \\\\'],
    ['payment.card 10:30', 'payment.card 10:30'],
  ]
  for (const [text, expected] of cases) t.equal(markdownText(text), expected)
  t.same(markdownTable(['a', 'b'], [['x|', undefined]]).slice(-1), ['| x\\| | - |'])
  t.same(markdownTable(['a'], []), [])
  t.end()
})

test('what makes no sense is refused', async (t) => {
  const bad = POLICY.replace('"payment.*": 10 years', '"payments.*": 10 years')
  const folder = t.testdir({ 'p.yaml': POLICY, 'bad.yaml': bad })
  const file = join(folder, 'p.yaml')
  t.equal((await printed(file, '--format', 'xml')).code, 2)
  t.equal((await printed(file, '--journal', folder)).code, 2)
  const refused = await printed(join(folder, 'bad.yaml'))
  t.equal(refused.code, 3)
  t.match(refused.stderr, /payments\.\*/)
})
