/**
 * Request Tracker 5, a real helpdesk: a subject is taken out through its own interface; what that cannot change (mails in base64,
 * their headers in words of RFC 2047, and the subject that was there before) is found and told.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'tap'
import { runProcess } from '../helpers/program.ts'
import { requireRequestTracker, startRequestTracker } from '../helpers/request-tracker.ts'

const CARD = '4111 1111 1111 1111'
const TIMEOUT_MS = 200_000

test('Request Tracker', { timeout: TIMEOUT_MS }, async (t) => {
  if (!requireRequestTracker(t)) return
  const tracker = await startRequestTracker(t)
  const made = (await tracker.ask('POST', '/ticket', {
    Queue: 'Support',
    Subject: `Tarjeta ${CARD} caducada, señora`,
    Requestor: 'zilpha@canary.example',
    Content: `Mi tarjeta es ${CARD}. Pedido 4111 1111 1111 1112.`,
    ContentType: 'text/plain',
  })) as { readonly id: number | string }
  const journal = join(t.testdir({}), 'journal')
  const env = {
    HELPDESK_URL: tracker.url,
    HELPDESK_TOKEN: tracker.token,
    OIDC_ISSUER: 'http://127.0.0.1:9',
    CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
  }
  const args = ['redact', '--connector', 'config/connectors/request-tracker.yaml']
  const task = [...args, '--class', 'payment.card', '--record', `ticket:${made.id}`]
  const dry = await runProcess(task, { env })
  t.equal(dry.code, 0, dry.stderr)
  t.match(dry.stdout, `ticket ${made.id}  $['Subject']  payment.card 1  would be redacted`)
  t.match(dry.stdout, /attachment \d+ {2}\$\['Content'\] {2}payment\.card 1 {2}by hand: rt-munge/)
  t.match(dry.stdout, /attachment \d+ {2}\$\['Subject'\] {2}payment\.card 1 {2}by hand/)
  const wet = await runProcess([...task, '--apply', '--by', 'dana', '--journal', journal], { env })
  t.equal(wet.code, 0, wet.stderr)
  t.match(wet.stdout, `ticket ${made.id}  $['Subject']  payment.card 1  redacted`)
  t.match(
    wet.stdout,
    /transaction \d+ {2}\$\['OldValue'\] {2}payment\.card 1 {2}by hand: rt-shredder/,
    'the old subject is in the history, and that is told',
  )
  t.notOk((dry.stdout + wet.stdout).includes('4111'), 'no value is told')
  const ticket = (await tracker.ask('GET', `/ticket/${made.id}`)) as { readonly Subject: string }
  t.equal(ticket.Subject, 'Tarjeta [redacted] caducada, señora')
  const again = await runProcess(task, { env })
  t.notMatch(again.stdout, 'would be redacted')
})
