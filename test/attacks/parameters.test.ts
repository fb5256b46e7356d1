/** Sections A and F of the threat model, as far as they are about lists of values and parameters that nobody named. */
import { test } from 'tap'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'

const SHOW_MANY = '/api/v2/users/show_many'
const SEARCH = '/api/v2/organizations'
const EMPTY = jsonAnswer('{}')

/** The shipped policy with a route that takes lists, and one that takes anything. */
function listingPolicy(shipped: PolicyDocument): PolicyDocument {
  const upstream = 'helpdesk'
  const lists = {
    ids: { list: 'integer', max: 3 },
    include: { list: ['identities', 'organizations'], max: 2 },
    'tags[]': { list: 'slug', max: 2, repeated: true },
    'fields[users]': { list: ['name', 'role'] },
  }
  return {
    ...shipped,
    routes: [
      ...shipped.routes,
      { match: `GET ${SHOW_MANY}`, upstream, query: lists },
      { match: `GET ${SEARCH}`, upstream, query: 'any' },
    ],
  }
}

test('sections A and F: lists of values, and parameters that nobody named', async (t) => {
  const world = await startWorld(t, { change: listingPolicy })
  const agent = `Authorization: Bearer ${await world.token()}`
  const rows = [...listRows(world, agent), ...anyRows(world, agent)]
  const tally = await runAttacks(t, world, rows, createTally())
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

function seen({ upstream }: World, target: string): NonNullable<Attack['check']> {
  return (t) => void t.equal(upstream.requests[0]?.target, target, 'the target is written anew')
}

function listRows(world: World, agent: string): Attack[] {
  const taken: Readonly<Record<string, string>> = {
    'ids=1,2,3': 'ids=1%2C2%2C3',
    'include=organizations&ids=7': 'ids=7&include=organizations',
    'tags[]=a&tags%5B%5D=b': 'tags%5B%5D=a&tags%5B%5D=b',
    'fields[users]=name,role': 'fields%5Busers%5D=name%2Crole',
  }
  const refused: readonly (readonly [id: string, query: string])[] = [
    ['F74', `ids=${Array.from({ length: 100 }, (_, i) => i + 1).join(',')}`],
    ['F74', 'ids=1,2,3,4'],
    ['F74', 'ids=1&ids=2'],
    ['F74', 'ids[]=1'],
    ['A9', 'ids=1,1'],
    ['A9', 'ids=1,%31'],
    ['A9', 'ids=007'],
    ['A9', 'ids=1,,2'],
    ['A9', 'ids=1,2%20'],
    ['F68', 'include=users'],
    ['F68', 'include=identities,users'],
    ['F68', 'include=identities as x'.replaceAll(' ', '+')],
    ['F68', 'fields[users]=email'],
    ['F68', 'fields[users]=name,e%6dail'],
    ['F68', 'fields[Users]=name'],
    ['F68', 'fields=email'],
    ['F68', 'tags[]=a&tags[]=b&tags[]=c'],
    ['F66', 'ids=1&sort=email'],
  ]
  return [
    ...Object.entries(taken).map(([query, target]): Attack => ({
      id: 'A9',
      name: `a list ${query}`,
      send: get(`${SHOW_MANY}?${query}`, agent),
      answer: EMPTY,
      expect: ['permit'],
      check: seen(world, `${SHOW_MANY}?${target}`),
    })),
    ...refused.map(([id, query]): Attack => ({
      id,
      name: `a list ${query.slice(0, 60)}`,
      send: get(`${SHOW_MANY}?${query}`, agent),
      expect: ['parameter-undeclared'],
    })),
  ]
}

/** Where the policy says `any`, what goes on is written anew all the same, and each record says that nobody looked. */
function anyRows(world: World, agent: string): Attack[] {
  const unchecked = async () => {
    const own = (await world.gateway.records()).at(-1)?.['unmapped']
    return (own as { celosia: Record<string, unknown> }).celosia['unchecked']
  }
  return [
    {
      id: 'A9',
      name: 'any parameter',
      send: get(`${SEARCH}?q=%61+b&X[]=%26%23&$y='`, agent),
      answer: EMPTY,
      expect: ['permit'],
      check: async (t, exchange) => {
        await seen(world, `${SEARCH}?q=a%20b&X%5B%5D=%26%23&%24y='`)(t, exchange)
        t.same(await unchecked(), ['query'], 'the record says that nobody looked')
      },
    },
    {
      id: 'A9',
      name: 'no parameter',
      send: get(SEARCH, agent),
      answer: EMPTY,
      expect: ['permit'],
      check: async (t) => void t.equal(await unchecked(), undefined, 'nothing passed unseen'),
    },
    {
      id: 'A9',
      name: 'any parameter twice',
      send: get(`${SEARCH}?q=a&%71=b`, agent),
      expect: ['parameter-undeclared'],
    },
  ]
}
