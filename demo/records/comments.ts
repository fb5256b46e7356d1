/** One turn of a ticket's conversation, in Zendesk's shape. */
import type { Random } from '../random.ts'
import { fill, phrasesOf } from './phrases.ts'
import { instant, number, STORED_ORIGIN } from './source-text.ts'
import type { Person } from './users.ts'
import type { Values } from './values.ts'

/** What the turns of one ticket have in common. */
export interface Conversation {
  readonly ticketId: string
  readonly requester: Person
  readonly assignee: Person
  /** True where the requester writes mail, false where the requester fills the web form. */
  readonly byMail: boolean
  readonly complete: boolean
  readonly card: string | null
  readonly iban: string | null
  readonly order: string
  /** Seconds since 1970. */
  readonly openedSeconds: number
  readonly random: Random
  readonly values: Values
}

export interface Comment {
  readonly body: string
  readonly via: object
  readonly record: object
}

/**
 * The comment at `turn`, 0 being the one that opened the ticket. Requester and agent take turns.
 */
export function makeComment(talk: Conversation, turn: number): Comment {
  const { random, values } = talk
  const asks = turn % 2 === 0
  const author = asks ? talk.requester : talk.assignee
  const phrases = phrasesOf(talk.requester.people.locale)
  const sentences = asks ? phrases.asks : phrases.answers
  const opensComplete = talk.complete && turn === 0
  const template = random.pick(
    opensComplete ? sentences.filter((sentence) => sentence.includes('{card}')) : sentences,
  )
  const body = fill(template, slots(talk))
  const via =
    talk.byMail && asks ? mailOf(author) : { channel: 'web', source: { from: {}, to: {} } }
  const id = values.id(random.chance(25))
  const record = {
    id: number(id),
    author_id: number(author.id),
    body,
    html_body: `<p>${html(body)}</p>`,
    plain_body: body,
    public: asks || random.chance(80),
    via,
    attachments: opensComplete || random.chance(4) ? [attachment(random, values)] : [],
    created_at: instant(talk.openedSeconds + turn * 7_200 + random.below(3_600)),
    metadata: { system: { ip_address: author.address } },
  }
  return { body, via, record }
}

function slots(talk: Conversation): Readonly<Record<string, () => string>> {
  const { random, values, requester } = talk
  return {
    name: () => requester.name,
    email: () => requester.email,
    phone: () => writtenPhone(random, requester.phone),
    card: () => writtenCard(random, talk.card ?? values.card()),
    iban: () => writtenIban(random, talk.iban ?? values.iban()),
    nid: () => requester.nationalId,
    order: () => talk.order,
    date: () => writtenDate(random, talk.openedSeconds - 86_400 * (1 + random.below(20))),
    version: () => `v4.${random.below(20)}.${random.below(10)}-rc.${random.below(4)}`,
  }
}

/** An E.164 number as people write it: groups and brackets differ. */
function writtenPhone(random: Random, phone: string): string {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phone)
  if (us !== null) {
    const [, area, exchange, line] = us
    return random.pick([`+1 (${area}) ${exchange}-${line}`, `${area}-${exchange}-${line}`, phone])
  }
  return random.pick([phone, phone.replace(/^(\+\d\d)(\d+)(\d{3})$/, '$1 $2 $3')])
}

function writtenCard(random: Random, card: string): string {
  const groups = card.length === 16 ? /(\d{4})(\d{4})(\d{4})(\d{4})/ : /(\d{4})(\d{6})(\d{5})()/
  const spaced = card.replace(groups, '$1 $2 $3 $4').trim()
  return random.pick([card, spaced, spaced.replaceAll(' ', '-')])
}

function writtenIban(random: Random, iban: string): string {
  return random.pick([iban, iban.replaceAll(/.{4}(?=.)/g, '$& ')])
}

function writtenDate(random: Random, seconds: number): string {
  const [year, month, day] = instant(seconds).slice(0, 10).split('-')
  return random.pick([
    `${year}-${month}-${day}`,
    `${day}/${month}/${year}`,
    `${day}.${month}.${year}`,
  ])
}

function mailOf(author: Person): object {
  return {
    channel: 'email',
    source: {
      from: { name: author.name, address: author.email },
      to: { name: 'Support', address: 'support@example.com' },
    },
  }
}

function attachment(random: Random, values: Values): object {
  const id = values.id(false)
  return {
    id: number(id),
    file_name: random.pick(['invoice.pdf', 'scan.jpg', 'receipt.png']),
    content_url: `${STORED_ORIGIN}/attachments/${id}`,
    content_type: 'application/octet-stream',
    size: 1_000 + random.below(90_000),
  }
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '<br>')
}
