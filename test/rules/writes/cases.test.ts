/** What safe writes mean, as data: test/cases/writes/*.yaml. */
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { parse } from 'yaml'
import { CelosiaError } from '../../../src/core/errors.ts'
import type { WriteDocument } from '../../../src/rules/policy/document.ts'
import type { WriteFormat } from '../../../src/rules/writes/write-rules.ts'
import { PRELUDE } from '../policy-text.ts'
import { guardOf, write, type BodyParts } from './guard-of.ts'

interface Case {
  readonly name: string
  readonly roles: readonly string[]
  /** Over what the file says. */
  readonly write?: Partial<WriteDocument>
  readonly record?: string
  readonly format?: WriteFormat
  readonly body: string
  /** What the route says of bodies; left out: that anything may be sent. */
  readonly listed?: BodyParts
  /** The bytes for the upstream; `=` for those that came. */
  readonly sends?: string
  /** Instead: places in the request, and in the record. */
  readonly refuses?: readonly string[]
  readonly hides?: readonly string[]
  /** Or free text has a template. */
  readonly template?: boolean
  /** Or the code with which a document is refused. */
  readonly code?: string
  /** By class, `-` for what has none: kept, put back, written. */
  readonly changes?: Readonly<Record<string, readonly [number, number, number]>>
}

interface CaseFile {
  readonly policy: string
  readonly write: WriteDocument
  readonly record: string
  readonly format?: WriteFormat
  readonly cases: readonly Case[]
}

/** With a key for cursors. */
const SEALED_PRELUDE = PRELUDE.replace(
  'keys: {',
  'keys: { cursor: { version: 1, env: CURSOR_KEY },',
)

const FOLDER = new URL('../../cases/writes/', import.meta.url)

for (const file of readdirSync(FOLDER)) {
  const source = parse(readFileSync(new URL(file, FOLDER), 'utf8')) as CaseFile
  for (const item of source.cases) {
    test(`${file}: ${item.name}`, (t) => {
      t.same(run(source, item), expected(item))
      t.end()
    })
  }
}

function run(file: CaseFile, item: Case): unknown {
  const { record = file.record, body, format = file.format ?? 'json' } = item
  const guard = guardOf(
    SEALED_PRELUDE + file.policy,
    { ...file.write, ...item.write },
    item.roles,
    item.listed,
  )
  try {
    const outcome = write(guard, { record, body, format })
    if (outcome.kind === 'refuse') {
      if (outcome.reason === 'template-refused') return { template: true }
      return { refuses: outcome.request, hides: outcome.record }
    }
    const changes = outcome.changes.map((one) => [
      one.class ?? '-',
      [one.kept, one.putBack, one.written],
    ])
    const sends = Buffer.from(outcome.body).toString()
    return {
      sends: sends === body ? '=' : sends,
      ...(item.changes !== undefined && { changes: Object.fromEntries(changes) as unknown }),
    }
  } catch (error) {
    if (error instanceof CelosiaError) return { code: error.code }
    throw error
  }
}

function expected({ sends, refuses, hides, code, changes, template }: Case): unknown {
  if (template === true) return { template }
  if (code !== undefined) return { code }
  if (sends === undefined) return { refuses: refuses ?? [], hides: hides ?? [] }
  return { sends, ...(changes !== undefined && { changes }) }
}
