/** Labelled texts: both forms are read, and what is wrong is told by its place without a word of the text. */
import { join } from 'node:path'
import { test } from 'tap'
import { readLabelled } from '../../src/redaction/evaluation/read-labelled.ts'
import { runHere } from '../helpers/program.ts'

const OWN = [
  '{"text":"Card 4111 1111 1111 1111, order 4111 1111 1111 1112.","spans":[{"class":"payment.card","start":5,"end":24}]}',
  '{"text":"Call 612 345 678 or write to jane@example.net","spans":[{"class":"contact.phone","start":5,"end":16},{"class":"contact.email","start":29,"end":45}]}',
  '{"text":"Not a card: 4111 1111 1111 1112","spans":[{"class":"payment.card","start":12,"end":31}]}',
  '',
].join('\n')
const PRESIDIO = JSON.stringify([
  {
    full_text: '😀 to jane@example.net',
    spans: [
      { entity_type: 'EMAIL_ADDRESS', start_position: 5, end_position: 21 },
      { entity_type: 'PERSON', start_position: 0, end_position: 1 },
    ],
  },
])

test('both forms are read; offsets of Presidio count characters', (t) => {
  const own = readLabelled(OWN)
  t.same(
    own.flatMap(({ text, labels }) => labels.map(({ start, end }) => text.slice(start, end))),
    ['4111 1111 1111 1111', '612 345 678', 'jane@example.net', '4111 1111 1111 1112'],
  )
  t.same(readLabelled(PRESIDIO), [
    {
      text: '😀 to jane@example.net',
      labels: [{ kind: 'contact.email', start: 6, end: 22 }],
    },
  ])
  t.same(readLabelled(''), [])
  t.end()
})

test('what is wrong is told by its place alone', (t) => {
  const bad: readonly (readonly [text: string, says: string])[] = [
    ['{"text":"secret"', 'line 1: no JSON'],
    ['\n{"text":1,"spans":[]}', 'line 2: no text'],
    ['{"text":"secret"}', 'line 1: no list of spans'],
    ['7', 'line 1: no object'],
    ['{"text":"secret","spans":[{"class":"a","start":0,"end":9}]}', 'line 1: a span without'],
    ['{"text":"secret","spans":[{"class":"a","start":3,"end":3}]}', 'line 1: a span without'],
    ['{"text":"secret","spans":[{"start":0,"end":1}]}', 'line 1: a span without'],
    ['[{"text":"secret"}]', 'text 1: no full_text'],
    ['[secret', 'the file: no JSON'],
  ]
  for (const [text, says] of bad) {
    t.throws(() => readLabelled(text), { message: new RegExp(`^${says}`) }, says)
    try {
      readLabelled(text)
    } catch (error) {
      t.notOk(String(error).includes('secret'), 'it is not quoted')
    }
  }
  t.end()
})

test('`celosia redact eval` prints precision and recall of each class', async (t) => {
  const folder = t.testdir({ 'texts.jsonl': OWN, 'broken.jsonl': '{' })
  const run = (...args: readonly string[]) => runHere(['redact', 'eval', ...args])
  const { code, stdout } = await run(
    '--class',
    'payment.card,contact.*',
    join(folder, 'texts.jsonl'),
  )
  t.equal(code, 0)
  t.same(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
    [
      ['CLASS', 'VALUES', 'FOUND', 'PRECISION', 'AT LEAST', 'RECALL', 'AT LEAST'],
      ['contact.email', '1', '1', '100.0 %', '27.0 %', '100.0 %', '27.0 %'],
      ['contact.phone', '1', '1', '100.0 %', '27.0 %', '100.0 %', '27.0 %'],
      ['payment.card', '2', '1', '100.0 %', '27.0 %', '50.0 %', '12.1 %'],
    ],
  )
  const json = await run('--json', '--class', 'payment.card', join(folder, 'texts.jsonl'))
  t.match(JSON.parse(json.stdout), {
    labelled: 2,
    found: 1,
    precision: 1,
    recall: 0.5,
  })
  t.match(await run(join(folder, 'broken.jsonl')), { code: 4, stderr: /line 1: no JSON/ })
  t.match(await run(join(folder, 'none')), { code: 4, stderr: /cannot be read/ })
  t.match(await run(), { code: 2 })
})
