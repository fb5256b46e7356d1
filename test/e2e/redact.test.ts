/** The sample helpdesk, whole: what a dry run lists is taken out, and nothing of it is left when the helpdesk is read directly. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { startHelpdesk } from '../../demo/helpdesk.ts'
import { runProcess } from '../helpers/program.ts'

const TOKEN = 'the-token-of-the-helpdesk'
const CARD = /\b(?:4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|35\d{14}|3[47]\d{13}|6011\d{12})\b/g

async function everything(url: string): Promise<string> {
  const ask = async (path: string): Promise<string> => {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${TOKEN}` } })
    return answer.text()
  }
  const texts: string[] = []
  for (let page = 1; page <= 3; page += 1) {
    texts.push(await ask(`/api/v2/tickets?page=${page}&per_page=100`))
  }
  const ids = texts.join('').match(/(?<="id":\s*)\d+(?=,\s*"url")/g) ?? []
  for (const id of ids) texts.push(await ask(`/api/v2/tickets/${id}/comments?per_page=100`))
  return texts.join('\n')
}

function isCard(digits: string): boolean {
  const sum = Array.from(digits)
    .toReversed()
    .reduce((all, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
      return all + (value > 9 ? value - 9 : value)
    }, 0)
  return sum % 10 === 0
}

const cardsIn = (text: string): readonly string[] => (text.match(CARD) ?? []).filter(isCard)

test('every card is taken out of the sample helpdesk', async (t) => {
  const helpdesk = await startHelpdesk({ port: 0, host: '127.0.0.1', token: TOKEN })
  t.teardown(helpdesk.close)
  const journal = join(t.testdir({}), 'journal')
  const env = {
    HELPDESK_URL: helpdesk.url,
    HELPDESK_TOKEN: TOKEN,
    OIDC_ISSUER: 'http://127.0.0.1:9',
    CELOSIA_AUDIT_KEY: randomBytes(32).toString('base64'),
  }
  const args = ['redact', '--connector', 'config/connectors/demo.yaml', '--class', 'payment.card']
  const before = cardsOfConversations(await everything(helpdesk.url))
  t.ok(before.length > 100, `${before.length} cards`)
  const dry = await runProcess(args, { env })
  t.equal(dry.code, 0)
  t.match(
    dry.stdout,
    "ticket 9007199254741012  $['description']  payment.card 1  would be redacted",
  )
  t.same(cardsIn(dry.stdout + dry.stderr), [], 'no value is told')
  t.equal(cardsOfConversations(await everything(helpdesk.url)).length, before.length)
  const wet = await runProcess([...args, '--apply', '--by', 'dana', '--journal', journal], { env })
  t.equal(wet.code, 0)
  t.match(wet.stderr, /places: redacted/)
  t.same(cardsOfConversations(await everything(helpdesk.url)), [], 'none is left')
  const audit = readdirSync(journal)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => readFileSync(join(journal, name), 'utf8'))
    .join('')
  t.same(cardsIn(audit + wet.stdout + wet.stderr), [], 'and none is in the audit')
  t.match(await runProcess(['audit', 'verify', '--journal', journal]), { code: 0 })
})

/** Fields of cards are no conversation, and order numbers have wrong check digits but for chance. */
function cardsOfConversations(text: string): readonly string[] {
  return cardsIn(text.replaceAll(/\{\s*"id":\s*360001,\s*"value":[^}]*\}/g, ''))
}
