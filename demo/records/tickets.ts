/** The tickets of the sample helpdesk and the conversation in each, in Zendesk's shape. */
import type { Random } from '../random.ts'
import { makeComment, type Comment, type Conversation } from './comments.ts'
import { fill, phrasesOf } from './phrases.ts'
import { instant, NEW_YEAR_SECONDS, number, STORED_ORIGIN } from './source-text.ts'
import { COMPLETE_COUNT, type Person } from './users.ts'
import type { Values } from './values.ts'

export interface Ticket {
  readonly id: string
  readonly record: object
  readonly comments: readonly object[]
}

interface Sources {
  readonly random: Random
  readonly values: Values
  readonly people: readonly Person[]
}

const TICKET_COUNT = 300
const DAY_SECONDS = 86_400

/** Two ids that are one and the same once they pass through a double. */
const TWIN_IDS = ['9007199254741011', '9007199254741012'] as const

/**
 * Every ticket, oldest first. The first ones are by the first people and have every member filled.
 */
export function makeTickets(sources: Sources): readonly Ticket[] {
  return Array.from({ length: TICKET_COUNT }, (_empty, index) => makeTicket(sources, index))
}

function makeTicket(sources: Sources, index: number): Ticket {
  const { random } = sources
  const complete = index < COMPLETE_COUNT
  const talk = startTalk(sources, index, complete)
  // Three turns show mail with a file, an agent's answer and mail without a file.
  const turns = complete ? 3 : 1 + random.pick([0, 1, 1, 2, 2, 3, 4])
  const comments = Array.from({ length: turns }, (_empty, turn) => makeComment(talk, turn))
  return {
    id: talk.ticketId,
    record: ticketRecord(talk, comments[0]),
    comments: comments.map((comment) => comment.record),
  }
}

function startTalk(
  { random, values, people }: Sources,
  index: number,
  complete: boolean,
): Conversation {
  const endUsers = people.filter((person) => !person.agent)
  const requester = complete ? endUsers[index] : random.pick(endUsers)
  if (requester === undefined) throw new RangeError('too few people')
  return {
    ticketId: TWIN_IDS[index] ?? (index % 7 === 3 ? values.id(true) : `${35_000 + index}`),
    requester,
    assignee: random.pick(people.filter((person) => person.agent)),
    byMail: complete || random.chance(55),
    complete,
    card: complete || random.chance(40) ? values.card() : null,
    iban: complete || random.chance(30) ? values.iban() : null,
    order: values.orderNumber(),
    openedSeconds: NEW_YEAR_SECONDS + index * 11_000 + random.below(10_000),
    random,
    values,
  }
}

function ticketRecord(talk: Conversation, first: Comment | undefined): object {
  const { requester, assignee, random, complete } = talk
  const rated = complete || random.chance(25)
  return {
    id: number(talk.ticketId),
    url: `${STORED_ORIGIN}/api/v2/tickets/${talk.ticketId}`,
    subject: fill(random.pick(phrasesOf(requester.people.locale).subjects), {
      order: () => talk.order,
      date: () => instant(talk.openedSeconds - DAY_SECONDS * 5).slice(0, 10),
      version: () => `v4.${random.below(20)}.0`,
    }),
    description: first?.body ?? '',
    requester_id: number(requester.id),
    submitter_id: number(requester.id),
    assignee_id: complete || random.chance(85) ? number(assignee.id) : null,
    status: random.pick(['new', 'open', 'pending', 'solved', 'closed']),
    priority:
      complete || random.chance(60) ? random.pick(['low', 'normal', 'high', 'urgent']) : null,
    tags: complete
      ? ['refund', 'late']
      : random.pick([['refund'], ['delivery', 'late'], ['login'], []]),
    via: first?.via ?? {},
    recipient: talk.byMail ? 'support@example.com' : null,
    custom_fields: [
      { id: number('360001'), value: talk.card },
      { id: number('360002'), value: talk.iban },
      { id: number('360003'), value: complete || random.chance(50) },
      { id: number('360004'), value: talk.order },
    ],
    created_at: instant(talk.openedSeconds),
    updated_at: instant(talk.openedSeconds + random.below(DAY_SECONDS * 9)),
    satisfaction_rating: rated
      ? {
          score: random.pick(['good', 'bad']),
          comment: `${assignee.name}: 👍 (${requester.email})`,
        }
      : { score: 'unoffered', comment: null },
  }
}
