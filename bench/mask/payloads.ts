/**
 * The documents that masking is measured on, made anew from a fixed seed: helpdesk answers from 2 KB to 18 MB, compact,
 * pretty, with escapes, with raw non-Latin text, with long text, and one that is deep and nasty.
 */

export interface Payload {
  readonly name: string
  readonly bytes: Buffer
}

type Draw = (below: number) => number
type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

// mulberry32: enough for sample data, the same on every machine.
function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const WORDS =
  'order refund parcel late invoice account please broken arrived missing window street number again thanks support yesterday tomorrow charge twice card address change delivery'.split(
    ' ',
  )
const JAPANESE = [
  '注文',
  '返金',
  '荷物',
  '遅い',
  '請求書',
  '住所',
  '変更',
  '届きません',
  'ありがとう',
  '昨日',
  '明日',
  'お願いします',
]
const GIVEN = ['Ada', 'Ben', 'Carla', 'Dmitri', 'Elena', 'Farid', 'Greta', 'Hugo']
const FAMILY = ['Alvarez', 'Baker', 'Cohen', 'Dubois', 'Evans', 'Fischer', 'Garcia', 'Horvat']

interface Style {
  readonly words: readonly string[]
  readonly escaped: boolean
}

function text(draw: Draw, length: number, style: Style): string {
  let out = ''
  while (out.length < length)
    out += `${style.words[draw(style.words.length)] ?? ''}${draw(9) === 0 ? '. ' : ' '}`
  return out.trimEnd()
}

const digits = (draw: Draw, count: number) => Array.from({ length: count }, () => draw(10)).join('')

function person(draw: Draw, index: number): { name: string; email: string; phone: string } {
  const given = GIVEN[draw(GIVEN.length)] ?? ''
  const family = FAMILY[draw(FAMILY.length)] ?? ''
  return {
    name: `${given} ${family}`,
    email: `${given}.${family}${index}@example.com`.toLowerCase(),
    phone: `+1555${digits(draw, 7)}`,
  }
}

const customFields = (draw: Draw): Json[] =>
  [360001, 360002, 360003, 360004, 360005].map((id) => ({
    id,
    value:
      id === 360001
        ? `4${digits(draw, 15)}`
        : id === 360003
          ? true
          : id === 360004
            ? draw(99_999) / 100
            : (WORDS[draw(WORDS.length)] ?? ''),
  }))

function user(draw: Draw, index: number, style: Style): { [name: string]: Json } {
  return {
    id: 360_000_000_000 + index,
    url: `https://helpdesk.example.com/api/v2/users/${index}`,
    ...person(draw, index),
    created_at: '2025-03-01T10:00:00Z',
    updated_at: '2025-09-01T10:00:00Z',
    time_zone: 'Pacific Time (US & Canada)',
    locale: 'en-US',
    organization_id: 361_000_000_000 + draw(1000),
    role: 'end-user',
    verified: true,
    external_id: null,
    tags: [],
    alias: '',
    active: true,
    last_login_at: '2025-10-01T10:00:00Z',
    ssn: `${digits(draw, 3)}-${digits(draw, 2)}-${digits(draw, 4)}`,
    notes: text(draw, 120, style),
    user_fields: { tier: 'gold', lifetime_value: draw(999_999) / 100 },
    custom_fields: customFields(draw),
  }
}

function ticket(draw: Draw, index: number, style: Style): { [name: string]: Json } {
  return {
    url: `https://helpdesk.example.com/api/v2/tickets/${index}`,
    id: 370_000_000_000 + index,
    external_id: null,
    via: { channel: 'email', source: { from: {}, to: {}, rel: null } },
    created_at: '2025-03-01T10:00:00Z',
    updated_at: '2025-09-01T10:00:00Z',
    type: 'incident',
    subject: text(draw, 40, style),
    description: text(draw, 380, style),
    priority: 'high',
    status: 'open',
    recipient: 'support@example.com',
    requester: { id: 360_000_000_000 + draw(100_000), ...person(draw, index), locale: 'en-US' },
    submitter_id: 360_000_000_000 + draw(100_000),
    assignee_id: 360_000_000_000 + draw(100_000),
    organization_id: null,
    group_id: 362_000_000_001,
    collaborator_ids: [],
    has_incidents: false,
    is_public: true,
    due_at: null,
    tags: [WORDS[draw(WORDS.length)] ?? '', WORDS[draw(WORDS.length)] ?? ''],
    custom_fields: customFields(draw),
    satisfaction_rating: { score: 'unoffered' },
    brand_id: 363_000_000_001,
    allow_channelback: false,
  }
}

function comment(draw: Draw, index: number, style: Style): { [name: string]: Json } {
  return {
    id: 380_000_000_000 + index,
    type: 'Comment',
    author_id: 360_000_000_000 + draw(100_000),
    body: text(draw, 1_300, style),
    public: true,
    attachments: [],
    via: {
      channel: 'web',
      source: {
        from: person(draw, index),
        to: { name: 'Support', address: 'support@example.com' },
      },
    },
    created_at: '2025-03-01T10:00:00Z',
  }
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

function list(draw: Draw, style: Style, scale = 1): Json {
  return {
    tickets: many(98 * scale, (i) => ticket(draw, i, style)),
    users: many(55 * scale, (i) => user(draw, i, style)),
    next_page: 'https://helpdesk.example.com/api/v2/tickets?page=2',
    count: 12_345,
  }
}

// Short tokens, deep nesting, names that share their ends: what predictors and caches like least.
function nasty(draw: Draw): Json {
  const nest = (depth: number): Json =>
    depth === 0
      ? [1, '', {}, []]
      : draw(2) === 0
        ? [nest(depth - 1), draw(9)]
        : { a: nest(depth - 1), b: [] }
  return many(570, () => nest(20 + draw(40)))
}

const encode = (value: Json, style: Style, indent?: number) => {
  const json = JSON.stringify(value, null, indent)
  return Buffer.from(
    style.escaped
      ? json.replaceAll(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : json,
  )
}

const LATIN: Style = { words: WORDS, escaped: false }
const RAW: Style = { words: JAPANESE, escaped: false }
const ESCAPED: Style = { words: JAPANESE, escaped: true }

/** The small and middle payloads. Deterministic. */
export function payloads(): readonly Payload[] {
  const make = (
    name: string,
    seed: number,
    build: (draw: Draw) => Json,
    style = LATIN,
    indent?: number,
  ): Payload => ({
    name,
    bytes: encode(build(drawFrom(seed)), style, indent),
  })
  return [
    make('user', 1, (draw) => ({
      user: { ...user(draw, 7, LATIN), details: text(draw, 1_150, LATIN) },
    })),
    make('ticket', 2, (draw) => ({
      ticket: { ...ticket(draw, 7, LATIN), comments: many(10, (i) => comment(draw, i, LATIN)) },
      users: many(2, (i) => user(draw, i, LATIN)),
    })),
    make('list', 3, (draw) => list(draw, LATIN)),
    make('list-pretty', 3, (draw) => list(draw, LATIN), LATIN, 2),
    make('list-escaped', 4, (draw) => list(draw, ESCAPED), ESCAPED),
    make('list-raw', 4, (draw) => list(draw, RAW), RAW),
    make('long-text', 5, (draw) => ({
      ticket: { id: 1, description: text(draw, 1_200_000, LATIN), requester: person(draw, 1) },
    })),
    make('nasty', 6, nasty),
  ]
}

/** Some 18 MB. */
export function exportPayload(): Payload {
  return { name: 'export', bytes: encode(list(drawFrom(7), LATIN, 100), LATIN) }
}
