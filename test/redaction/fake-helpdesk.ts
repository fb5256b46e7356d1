/** A small helpdesk on a raw socket that keeps what is written to it, and its connector. A fake: only tests have it. */
import { membersOf } from '../../demo/slices.ts'
import type { TestScope } from '../helpers/process.ts'
import { jsonAnswer, statusAnswer, type UpstreamAnswer } from '../helpers/upstream-answers.ts'
import { startRawUpstream, type RawUpstream, type UpstreamRequest } from '../helpers/upstream.ts'

export const CONNECTOR = `version: 1
url: \${HELPDESK_URL}
headers: { authorization: "Bearer \${HELPDESK_TOKEN}" }
requestsPerSecond: 1000
resources:
  ticket:
    list: { get: "/tickets?page=1", items: "$.tickets[*]", next: $.next }
    id: $.id
    read: { get: "/tickets/{ticket.id}", at: $.ticket }
    texts:
      - at: [$.subject, "$.fields[?@.text].text"]
        write: { put: "/tickets/{ticket.id}", body: { ticket: "{changed}" } }
      - { at: $.log, byHand: the log is kept }
    attachments: { at: "$.files[*]", id: $.id }
    copies: { ticket: "$.merged[*]" }
  note:
    of: ticket
    list: { get: "/tickets/{ticket.id}/notes", items: "$.notes[*]", page: page }
    id: $.id
    texts:
      - at: $.body
        write: { post: "/notes/{note.id}/redact", body: { text: "{value}", by: [1, true] } }
`

export type JsonText = string

/** What it has: source texts by id. */
export interface FakeHelpdesk {
  readonly upstream: RawUpstream
  readonly tickets: Map<string, JsonText>
  /** Of a ticket; each `{"id":…,"body":…}`. */
  readonly notes: Map<string, JsonText[]>
  /** Answers instead of it, where it gives something. */
  intercept: (request: UpstreamRequest) => UpstreamAnswer | undefined
  /** What was written. */
  readonly writes: () => readonly UpstreamRequest[]
}

export async function startFakeHelpdesk(t: TestScope): Promise<FakeHelpdesk> {
  const upstream = await startRawUpstream(t)
  const desk: FakeHelpdesk = {
    upstream,
    tickets: new Map(),
    notes: new Map(),
    intercept: () => undefined,
    writes: () => upstream.requests.filter(({ method }) => method !== 'GET'),
  }
  upstream.answer((request) => desk.intercept(request) ?? answerOf(desk, request))
  return desk
}

function answerOf({ tickets, notes }: FakeHelpdesk, request: UpstreamRequest): UpstreamAnswer {
  const { method, target } = request
  const [path = '', query = ''] = target.split('?')
  const [, kind, id = '', part] = path.split('/')
  const page = Number(new URLSearchParams(query).get('page') ?? 1)
  if (kind === 'notes') return redactNote(notes, id, request)
  if (part === 'notes') {
    const list = page === 1 ? (notes.get(id) ?? []) : []
    return jsonAnswer(`{"notes":[${list.join(',')}]}`)
  }
  if (id === '') {
    const two = [...tickets.values()].slice(page * 2 - 2, page * 2)
    const next = page * 2 < tickets.size ? `"/tickets?page=${page + 1}"` : 'null'
    return jsonAnswer(`{"tickets":[${two.join(',')}],"next":${next}}`)
  }
  const ticket = tickets.get(id)
  if (ticket === undefined) return statusAnswer(404)
  if (method === 'PUT') {
    const change = new Map(membersOf(request.body.toString())).get('ticket') ?? '{}'
    const members = [...new Map([...membersOf(ticket), ...membersOf(change)])]
    tickets.set(id, `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`)
  }
  return jsonAnswer(`{"ticket":${tickets.get(id) ?? 'null'}}`)
}

function redactNote(
  notes: FakeHelpdesk['notes'],
  id: string,
  { body }: UpstreamRequest,
): UpstreamAnswer {
  const { text } = JSON.parse(body.toString()) as { text: string }
  for (const list of notes.values()) {
    for (const [index, note] of list.entries()) {
      const read = JSON.parse(note) as { id: unknown; body: string }
      if (String(read.id) !== id) continue
      list[index] = JSON.stringify({ ...read, body: read.body.replaceAll(text, '***') })
    }
  }
  return jsonAnswer('{}')
}
