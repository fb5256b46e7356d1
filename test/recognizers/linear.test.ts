/** No regular expression of the recognizers, or of what redacts with them, can be made slow by a text: each is proven, not tried. */
import { check } from 'recheck'
import { test } from 'tap'
import { ADDRESS_PATTERNS } from '../../src/recognizers/kinds/address.ts'
import { IN_WORDS } from '../../src/recognizers/kinds/birthdate.ts'
import { filesOf } from '../repository/source-files.ts'

/** On a busy machine a proof takes its time, which says nothing of the expression. */
const PATIENT = { timeout: null, attackTimeout: null, incubationTimeout: null } as const

/** A literal stands behind one of these signs. */
const LITERAL =
  /(?<=[=(:,?] |[=(:,?]\n\s*|\()\/((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[ *])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*)\/([a-z]*)/g

/** Literals that are looked for at one place of a text of bounded length, where polynomial time is constant. */
const sources = filesOf('src/{recognizers,redaction,connectors}/**/*.ts').flatMap(
  ({ path, text }) =>
    [...text.matchAll(LITERAL)].map(([, source = '', flags = '']) => ({ path, source, flags })),
)

test('every regular expression literal takes linear time', async (t) => {
  t.ok(sources.length > 30, `${sources.length} literals`)
  for (const { path, source, flags } of sources) {
    const { status } = await check(source, flags, PATIENT)
    t.equal(status, 'safe', `${path}: /${source}/${flags}`)
  }
})

test('so do those that are put together', async (t) => {
  for (const { source, flags } of [...ADDRESS_PATTERNS, IN_WORDS]) {
    const { status } = await check(source, flags, PATIENT)
    t.equal(status, 'safe', source)
  }
})
