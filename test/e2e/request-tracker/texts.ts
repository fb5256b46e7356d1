/** Messages of the seed: what stands in them is found here by their makers' forms, apart from the gateway's recognizers. */
import type { Test } from 'tap'
import type { RawExchange } from '../../helpers/raw-client.ts'
import type { RequestTracker } from '../../helpers/request-tracker.ts'
import type { RoleName, TrackerRequest } from './requests.ts'

/** Who takes part. */
export interface ReadingDesk {
  readonly tracker: RequestTracker
  readonly ask: (role: RoleName, asked: TrackerRequest) => Promise<RawExchange>
}

interface Message {
  readonly id: string
  readonly ContentType: string
  readonly Content: string
}

/** Tickets of the seed whose messages are read. */
const TICKETS = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89] as const
const VALUES_MIN = 30
const FORMS: Readonly<Record<string, RegExp>> = {
  address: /[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+/g,
  iban: /\bES\d{2}(?:[ -]?\d{4}){5}\b/g,
  // What begins like a test card and has its length; order numbers of the seed may do so, and are no cards.
  card: /\b(?:4111|4242|4012|5555|5105|2223|6011|3530|3566)(?:[ .\u00a0-]?\d{4}){3}\b/g,
  dni: /\b\d{2}\.?\d{3}\.?\d{3}-?[A-Z]\b/gi,
}

/** An agent reads the messages, and gets none of these values. */
export async function assertTexts(t: Test, { tracker, ask }: ReadingDesk): Promise<void> {
  const left: string[] = []
  let values = 0
  let words = 0
  for (const ticket of TICKETS) {
    const path = `/ticket/${ticket}/attachments?per_page=100&fields=Content,ContentType`
    const { items } = (await tracker.ask('GET', path)) as { readonly items: readonly Message[] }
    for (const { id, ContentType: type, Content: raw } of items) {
      if (!type.startsWith('text/') || raw === '') continue
      const { body } = await ask('agent', {
        name: id,
        path: `/REST/2.0/attachment/${id}`,
        expect: 200,
      })
      const shown = JSON.parse(body.toString()) as Message
      const text = Buffer.from(shown.Content, 'base64').toString()
      const found = Object.values(FORMS).flatMap((form) => raw.match(form) ?? [])
      values += found.filter(isPersonal).length
      words += text.split(/\s+/).length
      left.push(...found.filter((value) => isPersonal(value) && text.includes(value)))
    }
  }
  t.ok(values > VALUES_MIN, `${values} values in the messages`)
  t.ok(words > VALUES_MIN * 5, `${words} words are left to read`)
  t.same(left, [], 'none of the values')
}

/** All but the addresses of the desk, which stand in what the tracker sends by itself. */
function isPersonal(value: string): boolean {
  return !value.endsWith('lab.example')
}
