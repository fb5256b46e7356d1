/**
 * Runs made-up documents of every shape through representative programs before the first request comes, so that the
 * compiler of the runtime has seen them: without it, the first answers take a hundred times as long as later ones.
 */
import { DEFAULT_LIMITS } from './limits.ts'
import { compileProgram } from './program.ts'
import type { Edit, Program, Target, Treatment } from './program-source.ts'
import { parseQuery, parseRelativeQuery } from './query/parse.ts'

/** Rounds that take about half a second on one core that is free. */
const ROUNDS = 40
/** Pieces that a streamed document comes in. */
const PIECE_BYTES = 16_384

const RECORDS = 60
const DEPTH = 200

const REDACT: Edit = { kind: 'constant', json: Buffer.from('"[redacted]"') }
const SUPPRESS: Edit = { kind: 'suppress' }
const INITIAL: Edit = {
  kind: 'transform',
  apply: (leaf) => ({ kind: 'string', text: `${leaf.text.slice(0, 1)}***` }),
}

/** A query with the edit for what it names. */
type Rule = readonly [query: string, edit: Edit, reach: Target['reach']]

const FEW: readonly Rule[] = [
  ['$.users[*].email', INITIAL, 'subtree'],
  ['$.users[*].profile', REDACT, 'subtree'],
  ['$.users[*].fields[?@.id==7].value', SUPPRESS, 'subtree'],
  ['$.users[-1]..phone', REDACT, 'leaf'],
]
const ANYWHERE: readonly Rule[] = [
  ['$..email', INITIAL, 'subtree'],
  ['$..note', SUPPRESS, 'subtree'],
  ["$..[?@.kind=='mail'].value", REDACT, 'subtree'],
  ['$..fields[?length(@.label)>4 && @.id<9].value', INITIAL, 'subtree'],
]

/** See the file. Takes no clock: `rounds` says how much is done. */
export function warmUp(rounds: number = ROUNDS): void {
  const programs = [program(FEW, undefined), program(ANYWHERE, undefined), program(FEW, INITIAL)]
  const documents = corpus().map((text) => Buffer.from(text))
  for (let round = 0; round < rounds; round += 1) {
    for (const one of programs) {
      for (const document of documents) runThrough(one, document, round % 4 === 0)
    }
  }
}

function runThrough(program: Program, document: Buffer, streamed: boolean): void {
  const rewriter = program.start()
  const step = streamed ? PIECE_BYTES : document.length
  for (let at = 0; at < document.length; at += step) {
    rewriter.push(document.subarray(at, at + step), at + step >= document.length)
  }
  rewriter.exposures()
}

function program(rules: readonly Rule[], unlisted: Edit | undefined): Program {
  const treatments = rules.map(([, edit]) => treatmentOf(edit))
  const nothing = treatmentOf(unlisted)
  return compileProgram({
    targets: rules.map(([query, , reach]) => ({ query: parseQuery(query), reach })),
    scopes: [{ at: parseQuery('$.users[*]'), id: parseRelativeQuery('@.id') }],
    counterCount: 2,
    resolve: ([first]) => (first === undefined ? nothing : (treatments[first] ?? nothing)),
    limits: DEFAULT_LIMITS,
  })
}

function treatmentOf(edit: Edit | undefined): Treatment {
  const container = edit?.kind === 'transform' ? undefined : edit
  return {
    leaf: edit,
    container,
    memberName: undefined,
    counters: edit === undefined ? [] : [0, 1],
  }
}

/** Compact, indented, escaped, beyond Latin, small, deep, and long text. */
function corpus(): readonly string[] {
  const latin = JSON.stringify({ users: users('Maria Müller', 'says hello') })
  const japanese = JSON.stringify({ users: users('山田太郎', 'お問い合わせありがとうございます') })
  return [
    latin,
    JSON.stringify({ users: users('Ana', 'line one\nline "two"\t\\') }, undefined, 2),
    japanese,
    japanese.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`),
    JSON.stringify({ user: users('Zoë', 'short')[0] }),
    `${'{"a":[1,-2.5e3,'.repeat(DEPTH)}null${']}'.repeat(DEPTH)}`,
    JSON.stringify({
      comments: [{ body: 'Long text that goes on. '.repeat(400), email: 'a@b.example' }],
    }),
  ]
}

function users(name: string, note: string): readonly object[] {
  return Array.from({ length: RECORDS }, (_, at) => ({
    id: 360_000 + at,
    name,
    email: `person.${at}@mail.example`,
    phone: at % 3 === 0 ? null : '+49 30 123456',
    active: at % 2 === 0,
    created_at: '2026-01-02T03:04:05Z',
    profile: { lang: 'en', tags: ['a', 'b'], empty: {}, none: [] },
    fields: [
      { id: 7, label: 'Payment card', value: '4111 1111', kind: 'card' },
      { id: 8, label: 'Shoe', value: 44.5, kind: 'mail' },
    ],
    note,
  }))
}
