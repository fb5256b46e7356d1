/** What `celosia redact` does to a helpdesk: what it finds, writes, checks and tells. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { lockJournal } from '../../src/audit/journal-lock.ts'
import { createHelpdesk } from '../../src/connectors/helpdesk.ts'
import { createHelpdeskClient } from '../../src/connectors/http-client.ts'
import { loadConnector } from '../../src/connectors/load-connector.ts'
import { systemClock } from '../../src/core/clock.ts'
import { createScanner } from '../../src/recognizers/scanner.ts'
import { redactRecord } from '../../src/redaction/redact-record.ts'
import { statusAnswer } from '../helpers/upstream-answers.ts'
import { active } from '../recognizers/scanning.ts'
import { BIG, CARD, holdsNone, lines, MAIL, NAME, startDesk, ticket } from './desk.ts'

test('a dry run tells what would be done, and writes nothing', async (t) => {
  const desk = await startDesk(t)
  desk.tickets.set('1', ticket('1', `card ${CARD}`, `,"log":"${CARD}","files":[{"id":"f1"}]`))
  desk.tickets.set('2', ticket('2', 'nothing here'))
  desk.tickets.set(BIG, ticket(BIG, 'x', `,"fields":[{"id":1},{"text":"${CARD}, ${CARD}"}]`))
  desk.notes.set('2', [`{"id":21,"body":"<b>4111</b> 1111 1111 1111"}`])
  const end = await desk.run('--class', 'payment.card')
  t.same(lines(end), [
    "ticket 1  $['log']  payment.card 1  by hand: the log is kept",
    "ticket 1  $['subject']  payment.card 1  would be redacted",
    'ticket 1  attachment f1  by hand: a file, which nothing looks into',
    "ticket 2 / note 21  $['body']  payment.card 1  would be redacted",
    `ticket ${BIG}  $['fields'][1]['text']  payment.card 2  would be redacted`,
  ])
  t.match(end.stderr, /3 records\n3 places: would be redacted\n/)
  t.equal(end.code, 0)
  t.same(desk.writes(), [])
  const json = lines(await desk.run('--class', 'payment.card', '--json', '--limit', '5'))
  t.match(JSON.parse(json[1] ?? ''), {
    record: [{ resource: 'ticket', id: '1' }],
    outcome: 'would',
  })
})

test('what is less sure is told where it is asked for, and left', async (t) => {
  const desk = await startDesk(t)
  desk.tickets.set('1', ticket('1', `${CARD} or 4111 1111 1111 1112 or 4111 1111 1111 1113`))
  desk.tickets.set('2', ticket('2', 'card 5555 5555 5555 4445', `,"log":"${CARD}"`))
  desk.tickets.set('3', ticket('3', 'nothing'))
  const end = await desk.apply('--class', 'payment.card', '--suspects', '0.1')
  t.same(lines(end), [
    "ticket 1  $['subject']  payment.card 2  look at it: less sure than the policy asks for",
    "ticket 1  $['subject']  payment.card 1  redacted",
    "ticket 2  $['log']  payment.card 1  by hand: the log is kept",
    "ticket 2  $['subject']  payment.card 1  look at it: less sure than the policy asks for",
  ])
  t.match(desk.tickets.get('1'), /"\[redacted\] or 4111 1111 1111 1112 or 4111 1111 1111 1113"/)
  t.match(await desk.run('--class', 'payment.card', '--suspects', '0.5'), {
    stdout: /^ticket 2[^\n]+log[^\n]+\n$/,
  })
  t.match(await desk.run('--class', 'payment.card', '--suspects', '2'), {
    code: 2,
    stderr: /--suspects/,
  })
})

test('what is written is what the connector says, and the rest stays byte for byte', async (t) => {
  const desk = await startDesk(t)
  desk.tickets.set(BIG, ticket(BIG, `a ${CARD}`, `,"fields":[{"id":${BIG},"text":"é ${CARD}"}]`))
  desk.notes.set(BIG, [
    `{"id":3,"body":"${CARD} and 4111-1111-1111-1111 and ${CARD}"}`,
    '{"id":4,"body":"none"}',
  ])
  const end = await desk.apply('--class', 'payment.card')
  t.equal(end.code, 0)
  t.same(
    desk.writes().map(({ method, target, body }) => [method, target, body.toString()]),
    [
      [
        'PUT',
        `/tickets/${BIG}`,
        `{"ticket":{"subject":"a [redacted]","fields":[{"id":${BIG},"text":"é [redacted]"}]}}`,
      ],
      ['POST', '/notes/3/redact', `{"text":"${CARD}","by":[1,true]}`],
      ['POST', '/notes/3/redact', '{"text":"4111-1111-1111-1111","by":[1,true]}'],
    ],
  )
  t.same(
    lines(end).map((line) => line.split('  ').at(-1)),
    ['redacted', 'redacted', 'redacted'],
  )
  t.match((await desk.run('--class', 'payment.card')).stderr, /^1 record\n$/, 'none is left')
  const records = await desk.records()
  t.match(records, [
    {
      phase: 'intent',
      by: 'dana',
      resource: 'ticket',
      record: /^v1:/,
      places: [
        { location: "$['subject']", classes: [{ class: 'payment.card', count: 1 }] },
        { location: "$['fields'][0]['text']" },
      ],
    },
    { phase: 'intent', resource: 'note', places: [{ classes: [{ count: 3 }] }] },
    { phase: 'outcome', resource: 'ticket', outcome: 'redacted', intent_id: /-/ },
    { phase: 'outcome', resource: 'note', outcome: 'redacted' },
  ])
  t.notOk(JSON.stringify(records).includes(BIG), 'a record is named by its pseudonym')
  holdsNone(t, JSON.stringify(records) + end.stdout + end.stderr, 'no value is told')
})

test('what is written and still there, or not written, is said and on record', async (t) => {
  const desk = await startDesk(t)
  desk.tickets.set('1', ticket('1', CARD))
  const outcome = async () => (await desk.records()).at(-1)?.['outcome']
  const cases = [
    { status: 200, says: /STILL THERE$/, recorded: 'left', writes: 1 },
    { status: 422, says: /FAILED: the helpdesk answered 422$/, recorded: 'failed', writes: 1 },
    { status: 500, says: /FAILED: the helpdesk answered 500$/, recorded: 'failed', writes: 1 },
    { status: 307, says: /FAILED: the helpdesk answered 307$/, recorded: 'failed', writes: 1 },
  ]
  for (const { status, says, recorded, writes } of cases) {
    const before = desk.writes().length
    desk.intercept = ({ method }) => (method === 'PUT' ? statusAnswer(status) : undefined)
    const end = await desk.apply('--class', 'payment.card')
    t.equal(end.code, 1)
    t.match(end.stdout.trim(), says, `${status}`)
    t.equal(desk.writes().length - before, writes, 'a write is not repeated')
    t.equal(await outcome(), recorded)
  }
  let turnedAway = 2
  desk.intercept = ({ method }) =>
    method === 'PUT' && turnedAway-- > 0 ? statusAnswer(429) : undefined
  t.equal((await desk.apply('--class', 'payment.card')).code, 0, 'what was turned away is')
  t.equal(await outcome(), 'redacted')
})

test('what was written has an outcome on record, also where something behind it fails', async (t) => {
  const desk = await startDesk(t)
  desk.tickets.set('1', ticket('1', CARD))
  desk.tickets.set('2', ticket('2', CARD))
  desk.intercept = ({ target }) =>
    target.startsWith('/tickets/1/notes') ? statusAnswer(403) : undefined
  const end = await desk.apply('--class', 'payment.card')
  t.match(lines(end), [
    "ticket 1  $['subject']  payment.card 1  redacted",
    'ticket 1  $  FAILED: the helpdesk answered 403',
    "ticket 2  $['subject']  payment.card 1  redacted",
  ])
  t.equal(end.code, 1)
  t.same(
    (await desk.records()).map(({ phase }) => phase),
    ['intent', 'outcome', 'intent', 'outcome'],
  )
})

test('what was written has an outcome on record, also where nobody takes what is told', async (t) => {
  const desk = await startDesk(t)
  const [folder, url] = [desk.folder, desk.upstream.url]
  desk.tickets.set('1', ticket('1', CARD))
  desk.notes.set('1', [`{"id":21,"body":"${CARD}"}`])
  const environment = { HELPDESK_URL: url, HELPDESK_TOKEN: 'x' }
  const connector = loadConnector(join(folder, 'connector.yaml'), environment)
  const helpdesk = createHelpdesk(createHelpdeskClient(connector, systemClock))
  const [resource] = connector.resources
  const record = resource && (await helpdesk.read(resource, new Map([['ticket', '1']])))
  if (record === undefined) throw new Error('it is there')
  const phases: string[] = []
  const run = redactRecord(record, {
    helpdesk,
    sought: { scanner: createScanner(active(['card'])), dictionary: undefined },
    apply: true,
    tell: () => Promise.reject(new Error('nobody reads')),
    audit: async ({ phase }) => phase + phases.push(phase),
  })
  await t.rejects(run, /nobody reads/)
  t.same(phases, ['intent', 'intent', 'outcome', 'outcome'])
})

test('more copies than are looked for end a run', async (t) => {
  const desk = await startDesk(t)
  const copies = Array.from({ length: 10_001 }, (_, index) => index + 2)
  desk.tickets.set('1', ticket('1', CARD, `,"merged":[${copies.join(',')}]`))
  const end = await desk.run('--class', 'payment.card', '--record', 'ticket:1')
  t.match(end, { code: 5, stderr: /more than 10000 records are copies/ })
  t.match(lines(end), [/would be redacted$/])
})

test('who names no audit beside a gateway that runs is told what to name', async (t) => {
  const desk = await startDesk(t)
  desk.tickets.set('1', ticket('1', CARD))
  const journal = join(desk.folder, 'journal')
  mkdirSync(journal)
  const lock = await lockJournal(journal, systemClock)
  const end = await desk.apply('--class', 'payment.card')
  await lock.release()
  t.match(end, { code: 5, stderr: /Another process .*journal\); name a directory .* --journal/ })
  t.same(desk.writes(), [])
})

test('nothing is written where it cannot be on record', async (t) => {
  const desk = await startDesk(t)
  desk.tickets.set('1', ticket('1', CARD))
  writeFileSync(join(desk.folder, 'journal'), 'a file')
  t.equal((await desk.apply('--class', 'payment.card')).code, 5)
  const nobody = ['--class', 'payment.card', '--apply', '--journal', join(desk.folder, 'other')]
  t.match(await desk.run(...nobody), { code: 2, stderr: /--by is needed/ })
  t.same(desk.writes(), [])
})

test('a run goes on where it was stopped, and only where it is the same', async (t) => {
  const desk = await startDesk(t)
  for (const id of ['1', '2', '3', '4', '5']) desk.tickets.set(id, ticket(id, CARD))
  const state = join(desk.folder, 'state.json')
  const args = ['--class', 'payment.card', '--state', state]
  const first = await desk.apply(...args, '--limit', '3')
  t.match(first, {
    code: 5,
    stderr:
      /^3 records\n3 places: redacted\n[^]*stopped after 3 records; with --state the same command goes on/,
  })
  t.equal(lines(first).length, 3)
  const second = await desk.apply(...args)
  t.same(
    lines(second).map((line) => line.split('  ')[0]),
    ['ticket 4', 'ticket 5'],
  )
  t.match(second, { code: 0, stderr: /5 records\n5 places: redacted/ })
  t.equal(desk.writes().length, 5)
  t.match(await desk.apply(...args), { code: 0, stderr: /finished already/ })
  t.match(await desk.run(...args), { code: 4, stderr: /of another run/ })
  t.match(await desk.apply('--class', 'payment.iban', '--state', state), { code: 4 })
  writeFileSync(state, '{}')
  t.match(await desk.apply(...args), { code: 4, stderr: /no state of a run/ })
  t.equal(desk.writes().length, 5)
})

test('of one person: values as a whole, in some records and their copies, and nothing of it is kept', async (t) => {
  const desk = await startDesk(t)
  desk.tickets.set('1', ticket('1', `From ZILPHA QUARRINGTON`, ',"merged":[2,3,1]'))
  desk.tickets.set('2', ticket('2', `to ${MAIL.toUpperCase()}`, ',"merged":["3"]'))
  desk.tickets.set('3', ticket('3', 'Dear Zilpha, call 612 34 56 78'))
  desk.tickets.set('4', ticket('4', NAME))
  const values = join(desk.folder, 'person.txt')
  writeFileSync(values, `${NAME}\n${MAIL}\n\n+34 612 345 678\n`)
  const end = await desk.apply('--values', values, '--record', 'ticket:1')
  t.same(lines(end), [
    "ticket 1  $['subject']  data-subject 1  redacted",
    "ticket 2  $['subject']  data-subject 1  redacted",
    "ticket 3  $['subject']  data-subject 1  redacted",
  ])
  t.match(desk.tickets.get('3'), /"Dear Zilpha, call \[redacted\]"/)
  t.match(desk.tickets.get('4'), NAME, 'others are not touched')
  const journal = readdirSync(join(desk.folder, 'journal'))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => readFileSync(join(desk.folder, 'journal', name), 'utf8'))
  holdsNone(t, journal.join('') + end.stdout + end.stderr, 'nothing of it is kept')
  t.match(await desk.run('--values', values, '--record', 'ticket:9'), {
    code: 1,
    stdout: /ticket 9 {2}\$ {2}FAILED: it is not there/,
  })
  writeFileSync(values, 'ab\n')
  t.match(await desk.run('--values', values), { code: 2, stderr: /line 1 is too short/ })
  writeFileSync(values, '\n')
  t.match(await desk.run('--values', values), { code: 2, stderr: /there is no value/ })
})

test('command lines that ask for nothing, or for what is not there, are refused', async (t) => {
  const desk = await startDesk(t)
  const refused: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [[], /--class or --values is needed/],
    [['--class', 'payment.crad'], /no class payment\.crad/],
    [['--class', 'text.note'], /nothing finds text\.note/],
    [['--class', 'payment.card', '--limit', '0'], /--limit/],
    [['--class', 'payment.card', '--record', 'user:1'], /--record is of the form ticket:17/],
    [['--class', 'payment.card', '--record', 'ticket:1', '--state', 'x'], /--state is for/],
    [['--class', 'payment.card', 'now'], /does not take positional/],
    [['--values', join(desk.folder, 'none')], /cannot be read/],
  ]
  for (const [args, says] of refused) t.match(await desk.run(...args), { code: 2, stderr: says })
  t.same(desk.upstream.requests, [])
})
