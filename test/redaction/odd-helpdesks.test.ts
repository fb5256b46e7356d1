/** Helpdesks with odd texts, that take long, or that are hostile: what is read, what is told, and what cannot be made to happen. */
import { join } from 'node:path'
import { test } from 'tap'
import { createHelpdesk } from '../../src/connectors/helpdesk.ts'
import { createHelpdeskClient } from '../../src/connectors/http-client.ts'
import { loadConnector } from '../../src/connectors/load-connector.ts'
import { systemClock } from '../../src/core/clock.ts'
import { createScanner } from '../../src/recognizers/scanner.ts'
import { openState } from '../../src/redaction/run-state.ts'
import { runRedaction } from '../../src/redaction/run.ts'
import { jsonAnswer, statusAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream } from '../helpers/upstream.ts'
import { active } from '../recognizers/scanning.ts'
import { CARD, holdsNone, lines, startDesk, ticket } from './desk.ts'
import { CONNECTOR } from './fake-helpdesk.ts'

test('texts in base64 are read and written as such; what is none is read as it stands, a file is told', async (t) => {
  const encoded = CONNECTOR.replace(
    'at: $.body\n        write: { post: "/notes/{note.id}/redact", body: { text: "{value}", by: [1, true] } }',
    'at: $.body\n        as: base64\n        write: { put: "/notes/{note.id}", body: { body: "{text}" } }',
  )
  const desk = await startDesk(t, encoded)
  const base64 = Buffer.from(`sí, ${CARD}`).toString('base64')
  const note = (id: number, body: string) => JSON.stringify({ id, body })
  desk.tickets.set('1', ticket('1', 'x'))
  desk.notes.set('1', [
    note(1, `${base64.slice(0, 20)}\r\n${base64.slice(20)}\n`),
    note(2, `no base64: ${CARD}`),
    note(3, Buffer.from([0xff, 0xd8, 0xff, 0xe0]).toString('base64')),
  ])
  desk.intercept = ({ method, target, body }) => {
    if (method !== 'PUT') return undefined
    const [, , id = ''] = target.split('/')
    const { body: text } = JSON.parse(body.toString()) as { body: string }
    const notes = desk.notes.get('1') ?? []
    notes[Number(id) - 1] = note(Number(id), text)
    return statusAnswer(204)
  }
  const end = await desk.apply('--class', 'payment.card')
  t.same(lines(end), [
    "ticket 1 / note 3  $['body']  by hand: a file, which nothing looks into",
    "ticket 1 / note 1  $['body']  payment.card 1  redacted",
    "ticket 1 / note 2  $['body']  payment.card 1  redacted",
  ])
  t.same(desk.notes.get('1')?.slice(0, 2), [
    note(1, Buffer.from('sí, [redacted]').toString('base64')),
    note(2, 'no base64: [redacted]'),
  ])
  desk.notes.set('1', [
    note(4, 'no base64: 4111 1111 1111 1112'),
    note(5, Buffer.from('4111 1111 1111 1112').toString('base64')),
  ])
  const suspects = await desk.run('--class', 'payment.card', '--suspects', '0.1')
  t.same(
    lines(suspects).map((line) => line.split('  ').slice(0, 3)),
    [4, 5].map((id) => [`ticket 1 / note ${id}`, "$['body']", 'payment.card 1']),
  )
})

test('a run that is asked to end does so behind a record', async (t) => {
  const desk = await startDesk(t)
  for (const id of ['1', '2', '3']) desk.tickets.set(id, ticket(id, CARD))
  const connector = loadConnector(join(desk.folder, 'connector.yaml'), {
    HELPDESK_URL: desk.upstream.url,
    HELPDESK_TOKEN: 'x',
  })
  const stop = new AbortController()
  const told: string[] = []
  const run = runRedaction({
    connector,
    helpdesk: createHelpdesk(createHelpdeskClient(connector, systemClock)),
    sought: { scanner: createScanner(active(['card'])), dictionary: undefined },
    apply: false,
    tell: async ({ record }) => {
      told.push(record[0]?.id ?? '')
      stop.abort()
    },
    audit: async () => 'none',
    file: await openState(undefined, 'a task'),
    only: undefined,
    recordsMax: 10,
    progress: async () => {},
    signal: stop.signal,
  })
  await t.rejects(run, { code: 'ERR_REDACTION_STOPPED' })
  t.same(told, ['1'])
})

test('a helpdesk cannot lead a run astray', async (t) => {
  const other = await startRawUpstream(t)
  const run = async (next: string, id = '1') => {
    const desk = await startDesk(t)
    desk.intercept = ({ target }) =>
      target.startsWith('/tickets?')
        ? jsonAnswer(
            `{"tickets":[{"id":${JSON.stringify(id)},"subject":"${CARD}"}],"next":${JSON.stringify(next)}}`,
          )
        : undefined
    return desk.run('--class', 'payment.card')
  }
  for (const next of [
    `${other.url}/tickets?page=2`,
    '//example.com/tickets',
    'http://user:x@127.0.0.1/',
    'file:///etc/passwd',
    'tickets?page=2',
  ]) {
    t.match(await run(next), { code: 5, stderr: /leads to another address/ }, next)
  }
  t.same(other.requests, [], 'no credential goes elsewhere')
  t.match(await run('/tickets?page=1'), { code: 5, stderr: /does not end/ }, 'a list in a circle')
  for (const id of ['..', '../users/1', 'a b', 'a/b', 'a?b', '']) {
    const end = await run('/none', id)
    t.ok(/cannot stand in a path|has no id/.test(end.stdout + end.stderr), JSON.stringify(id))
  }
})

test('answers that are no JSON, too large, or of another shape end it, and are not quoted', async (t) => {
  const desk = await startDesk(t)
  for (const body of [`{"tickets":[${CARD}`, `<html>${CARD}</html>`, '[', '{"a":1,"a":2}']) {
    desk.intercept = () => jsonAnswer(body)
    const end = await desk.run('--class', 'payment.card')
    t.match(end, { code: 5, stderr: /no JSON that can be read/ })
    holdsNone(t, end.stdout + end.stderr, 'it is not quoted')
  }
})
