/**
 * Changes records of the sample helpdesk as Zendesk does with PUT: members that are sent replace those that are there, those of
 * `user_fields` one by one, and `custom_fields` by their ids. Source text in and out, so that no digit of an id is lost.
 */
import type { HelpdeskData } from './helpdesk-data.ts'
import { elementsOf, membersOf } from './slices.ts'

/** Comments of one ticket; more are refused. */
const COMMENTS_MAX = 1_000
/** Ids of comments that were added begin here. */
const COMMENT_ID_FIRST = 900_000_000_000

const PATH = /^\/api\/v2\/(user|ticket)s\/(\d+)$/

const REDACT_PATH = /^\/api\/v2\/tickets\/(\d+)\/comments\/(\d+)\/redact$/
/** Members of a comment that say the same. */
const COMMENT_TEXTS = ['body', 'html_body', 'plain_body']
/** What stands in the place of each character that was taken out. */
const BLOCK = '▇'

/** What became of a change. */
export type Updated =
  | { readonly status: 200; readonly body: string }
  | { readonly status: 400 | 404 | 422 }

/** Carries out `PUT target` with this body. `timeMs` is when. */
export function update(target: string, body: string, data: HelpdeskData, timeMs: number): Updated {
  const [redacts, ticketId = '', commentId = ''] = REDACT_PATH.exec(target) ?? []
  if (redacts !== undefined) return redactComment(data, ticketId, commentId, body)
  const [, name, id = ''] = PATH.exec(target) ?? []
  const records = name === 'user' ? data.users : data.tickets
  const record = records.get(id)
  if (name === undefined || record === undefined) return { status: 404 }
  if (!isObject(body)) return { status: 400 }
  const change = namedMembers(body).get(name)
  if (change === undefined || !isObject(change)) return { status: 422 }
  const changes = namedMembers(change)
  const comment = changes.get('comment')
  if (comment !== undefined && (name !== 'ticket' || !addComment(id, comment, data, timeMs))) {
    return { status: 422 }
  }
  changes.delete('comment')
  const changed = merged(record, changes)
  records.set(id, changed)
  return { status: 200, body: `{"${name}":${changed}}` }
}

/** Takes a text out of all that a comment says, for good. */
function redactComment(data: HelpdeskData, ticketId: string, id: string, body: string): Updated {
  const comments = data.comments.get(ticketId) ?? []
  const index = comments.findIndex((comment) => idOf(comment) === id)
  const comment = comments[index]
  if (comment === undefined) return { status: 404 }
  if (!isObject(body)) return { status: 400 }
  const text: unknown = JSON.parse(namedMembers(body).get('text') ?? 'null')
  if (typeof text !== 'string' || text === '') return { status: 422 }
  const members = new Map(membersOf(comment))
  for (const name of COMMENT_TEXTS) {
    const there = members.get(name)
    if (there?.startsWith('"') !== true) continue
    const redacted = (JSON.parse(there) as string).replaceAll(text, BLOCK.repeat(text.length))
    members.set(name, JSON.stringify(redacted))
  }
  const changed = `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
  if (changed === merged(comment, new Map())) return { status: 422 }
  data.comments.set(ticketId, comments.with(index, changed))
  return { status: 200, body: `{"comment":${changed}}` }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** The members of a foreign object, by their decoded names. */
function namedMembers(text: string): Map<string, string> {
  return new Map(
    [...membersOf(text)].map(([name, value]) => [JSON.parse(`"${name}"`) as string, value]),
  )
}

function merged(record: string, changes: ReadonlyMap<string, string>): string {
  const members = new Map(membersOf(record))
  for (const [name, value] of changes) {
    const there = members.get(name) ?? ''
    if (name === 'user_fields' && isObject(there) && isObject(value)) {
      members.set(name, merged(there, namedMembers(value)))
    } else if (name === 'custom_fields' && there.startsWith('[') && value.startsWith('[')) {
      members.set(name, mergedById(there, value))
    } else members.set(name, value)
  }
  return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
}

function mergedById(there: string, changes: string): string {
  const byId = new Map(
    elementsOf(changes)
      .filter(isObject)
      .map((element) => [idOf(element), element]),
  )
  const elements = elementsOf(there).map((element) => {
    const change = byId.get(idOf(element))
    return change === undefined ? element : merged(element, namedMembers(change))
  })
  return `[${elements.join(',')}]`
}

/** 7 and "7" are the same. */
function idOf(element: string): string {
  return (namedMembers(element).get('id') ?? '').replaceAll('"', '')
}

function addComment(id: string, comment: string, data: HelpdeskData, timeMs: number): boolean {
  const comments = data.comments.get(id) ?? []
  const text = isObject(comment) ? namedMembers(comment).get('body') : undefined
  if (text?.startsWith('"') !== true || comments.length >= COMMENTS_MAX) return false
  const isPublic = namedMembers(comment).get('public') !== 'false'
  const added = {
    id: COMMENT_ID_FIRST + comments.length,
    author_id: null,
    body: JSON.parse(text) as string,
    public: isPublic,
    attachments: [],
    created_at: new Date(timeMs).toISOString(),
  }
  data.comments.set(id, [...comments, JSON.stringify(added)])
  return true
}
