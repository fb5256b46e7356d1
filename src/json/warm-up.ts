/**
 * Runs made-up documents of every shape through programs of every kind before the first request comes, so that the
 * compiler of the runtime has seen them: code that meets something for the first time is thrown away and compiled anew,
 * which costs an answer ten times its own length. Variety counts here, not volume.
 */
import { DEFAULT_LIMITS } from './limits.ts'
import { compileProgram } from './program.ts'
import type { Edit, Leaf, Program, Target, Transformed, Treatment } from './program-source.ts'
import { parseQuery, parseRelativeQuery } from './query/parse.ts'

/** Rounds that take about a third of a second on one core. */
const ROUNDS = 20
/** Every so many rounds documents come in pieces, large ones or these: they end in the midst of everything. */
const PIECES_EVERY = 5
const PIECE_BYTES = [4_096, 37, 11, 3]
/** Every so many rounds there is a document that is large, whole and in large pieces. */
const LARGE_EVERY = 10
const LARGE_COPIES = 12
const LARGE_PIECE_BYTES = 40_000
/** Pieces that a document may come in. */
const PIECES_MAX = 400

const RECORDS = 14
const DEPTH = 120

const REDACT: Edit = { kind: 'constant', json: Buffer.from('"[redacted]"') }
const SUPPRESS: Edit = { kind: 'suppress' }
const BY_TYPE: Edit = {
  kind: 'by-type',
  string: Buffer.from('"[masked]"'),
  number: Buffer.from('0'),
  boolean: Buffer.from('false'),
}
const INITIAL = transform(({ text }) => ({ kind: 'string', text: `${text.slice(0, 1)}***` }))
const LAST = transform(({ text }) => ({ kind: 'string', text: `***${text.slice(-2)}` }))
const DOMAIN = transform(({ text }) => ({ kind: 'string', text: text.slice(text.indexOf('@')) }))
const ROUNDED = transform(({ text }) => ({ kind: 'json', json: String(text.length) }))
const KEPT = transform(() => ({ kind: 'keep' }))

/** A query with the edit for what it names. */
type Rule = readonly [query: string, edit: Edit | 'names', reach?: Target['reach']]

const PATHS: readonly Rule[] = [
  ['$.users[*].email', DOMAIN],
  ["$['users','tickets'][*].profile", REDACT],
  ['$.users[*].custom_fields[?@.id==7].value', LAST],
  ["$.users[*].custom_fields[?@.label!='Shoe' && !@.none].kind", SUPPRESS],
  ['$.users[0:2].notes', INITIAL],
  ['$.users[*].organization_id', ROUNDED],
  ['$.user.id', KEPT],
  ['$.users[*].ssn', SUPPRESS],
]
const ANYWHERE: readonly Rule[] = [
  ['$..email', INITIAL],
  ['$..note', SUPPRESS],
  ['$..created_at', REDACT, 'leaf'],
  ['$..tags', REDACT],
  ["$..[?@.kind=='mail'].value", LAST],
  ['$..custom_fields[?length(@.label)>4 && @.id<9].value', ROUNDED],
  ['$.users[-1]..phone', REDACT],
  ['$..profile', 'names', 'names'],
]

// Code that was made for objects that are gone is thrown away with them.
const kept: Program[] = []

/** See the file. Takes no clock: `rounds` says how much is done. */
export function warmUp(rounds: number = ROUNDS): void {
  const programs = [
    program(PATHS, undefined),
    program(ANYWHERE, undefined),
    program(PATHS, BY_TYPE),
    program([], undefined),
    program(ANYWHERE, REDACT),
  ]
  kept.splice(0, kept.length, ...programs)
  const documents = corpus().map((text) => Buffer.from(text))
  const large = Buffer.from(JSON.stringify({ users: many(users('Eva Å', 'long')) }))
  for (let round = 0; round < rounds; round += 1) {
    if (round % LARGE_EVERY === 0) {
      for (const one of programs) {
        runThrough(one, large, large.length)
        runThrough(one, large, LARGE_PIECE_BYTES)
      }
    }
    const turn = round / PIECES_EVERY
    const size = Number.isInteger(turn) ? PIECE_BYTES[turn % PIECE_BYTES.length] : undefined
    for (const one of programs) {
      for (const document of documents) {
        if (size === undefined) runThrough(one, document, document.length)
        else if (document.length < size * PIECES_MAX) runThrough(one, document, size)
      }
    }
  }
}

function runThrough(program: Program, document: Buffer, pieceBytes: number): void {
  const collects = pieceBytes > document.length / 2
  const rewriter = collects ? program.start(document.length) : program.start()
  for (let at = 0; at < document.length; at += pieceBytes) {
    const end = at + pieceBytes
    rewriter.push(document.subarray(at, end), end >= document.length)
    if (collects) rewriter.take()
  }
  rewriter.exposures()
}

function transform(apply: (leaf: Leaf) => Transformed): Edit {
  return { kind: 'transform', apply }
}

function program(rules: readonly Rule[], unlisted: Edit | undefined): Program {
  const treatments = rules.map(([, edit]) => treatmentOf(edit))
  const nothing = treatmentOf(unlisted)
  return compileProgram({
    targets: rules.map(([query, , reach = 'subtree']) => ({ query: parseQuery(query), reach })),
    scopes: ['$.users[*]', '$.user', '$..custom_fields[*]'].map((at) => ({
      at: parseQuery(at),
      id: parseRelativeQuery('@.id'),
    })),
    counterCount: 3,
    resolve: ([first]) => (first === undefined ? nothing : (treatments[first] ?? nothing)),
    limits: DEFAULT_LIMITS,
  })
}

function treatmentOf(edit: Edit | 'names' | undefined): Treatment {
  if (edit === 'names') {
    return { leaf: undefined, container: undefined, memberName: shortened, counters: [2] }
  }
  const container = edit?.kind === 'transform' || edit?.kind === 'by-type' ? undefined : edit
  const counters = edit === undefined ? [] : [0, 1]
  return { leaf: edit, container, memberName: undefined, counters }
}

function shortened(name: string): string {
  return name.length > 4 ? `${name.slice(0, 1)}***` : name
}

/** Compact, laid out, escaped, beyond Latin, small, deep, and long text. */
function corpus(): readonly string[] {
  const latin = JSON.stringify({ users: users('Maria Müller', 'says hello') })
  const japanese = JSON.stringify({
    users: users('山田太郎', 'お問い合わせありがとうございます🙂'),
  })
  return [
    latin,
    JSON.stringify({ users: users('Ana', 'line one\nline "two"\t\\') }, undefined, 2),
    JSON.stringify({ users: users('Ben', '').slice(0, 3) }, undefined, '\t'),
    japanese,
    japanese.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`),
    JSON.stringify({ user: users('Zoë', 'short')[0], count: 1, next_page: null }),
    `${'{"a":[1,-2.5e3,'.repeat(DEPTH)}"",{},[0]${'],"b":[]}'.repeat(DEPTH)}`,
    JSON.stringify({ users: users('山田太郎', '🙂').slice(2, 4) }),
    JSON.stringify({ comments: [{ body: 'Long text. '.repeat(300), email: 'a@b.example' }] }),
    latin.replaceAll('"email"', '"\\u0065mail"').replaceAll(':', ' : '),
  ]
}

function many(records: readonly object[]): readonly object[] {
  return Array.from({ length: LARGE_COPIES }, () => records).flat()
}

function users(name: string, note: string): readonly object[] {
  return Array.from({ length: RECORDS }, (_, at) => ({
    id: at % 4 === 3 ? `user-${at}` : at % 4 === 2 ? at : 360_000_000_000 + at,
    url: `https://helpdesk.example/api/v2/users/${at}`,
    name,
    email: `person.${at}@mail.example`,
    phone: at % 3 === 0 ? null : '+49 30 123456',
    ...(at % 2 === 0 ? { ssn: '078-05-1120' } : {}),
    active: at % 2 === 0,
    created_at: '2026-01-02T03:04:05Z',
    organization_id: 361_000_000_000 + at,
    profile: { language: 'en', tags: ['a', 'b'], empty: {}, none: [], ratio: -0.25 },
    custom_fields: [
      { id: 7, label: 'Payment card', value: '4111 1111', kind: 'card' },
      { id: 360_001, label: 'Shoe', value: 44.5, kind: 'mail' },
      { id: 9, label: null, value: true, none: [{ deep: [1, 2] }] },
    ],
    notes: note,
    note,
  }))
}
