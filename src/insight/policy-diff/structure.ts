/** Goes through two documents key by key, and judges each key that is not the same in both. */
import type { PolicyDocument } from '../../rules/policy/document.ts'
import type { Direction, PolicyChange } from './change.ts'
import { elsewhere, isObject } from './judges.ts'
import { KEY_RULES } from './rules.ts'
import type { KeyRule } from './rules.ts'

/** Lists of objects that have names of their own. */
const NAMED_LISTS: readonly (readonly [key: string, name: string])[] = [
  ['routes', 'match'],
  ['detect', 'name'],
]

/** All changes of keys; neutral ones among them. */
export function structuralChanges(
  before: PolicyDocument,
  after: PolicyDocument,
): readonly PolicyChange[] {
  return changesAt([], byName(before), byName(after))
}

function byName(document: PolicyDocument): Readonly<Record<string, unknown>> {
  const named = Object.fromEntries(
    NAMED_LISTS.map(([key, name]) => [key, mapOf((document as never)[key], name)]),
  )
  const { identity } = document
  return {
    ...document,
    ...named,
    identity: { ...identity, issuers: mapOf(identity.issuers, 'issuer') },
  }
}

function mapOf(list: unknown, name: string): Readonly<Record<string, unknown>> {
  const entries = (Array.isArray(list) ? list : []) as readonly Readonly<Record<string, unknown>>[]
  const seen = new Map<string, number>()
  return Object.fromEntries(
    entries.map((entry) => {
      const text = String(entry[name])
      const nth = (seen.get(text) ?? 0) + 1
      seen.set(text, nth)
      return [nth === 1 ? text : `${text} (${nth})`, entry]
    }),
  )
}

function changesAt(
  key: readonly string[],
  before: unknown,
  after: unknown,
): readonly PolicyChange[] {
  if (same(before, after)) return []
  // Of a route that only one policy has, all is told by that.
  if (key[0] === 'routes' && key.length === 2 && (before === undefined || after === undefined))
    return []
  const rule = ruleOf(key)
  if (rule?.judge === elsewhere) return []
  const judged = rule?.judge(fixtureWord(key, before), fixtureWord(key, after)) ?? 'inside'
  if (judged !== 'inside') return [changeOf(key, judged, [before, after], rule)]
  const parts = isObject(before) || isObject(after)
  const [old, now] = [before, after].map((one) => (one === undefined && parts ? {} : one))
  if (!isObject(old) || !isObject(now)) return [changeOf(key, 'unclear', [before, after], rule)]
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
  // An empty map that came or went means something, too.
  if (names.length === 0)
    return [changeOf(key, rule === undefined ? 'unclear' : 'neutral', [before, after], rule)]
  return names.flatMap((name) => changesAt([...key, name], old[name], now[name]))
}

// Which sample checks the queries says nothing of what leaves; that none does, is less.
function fixtureWord(key: readonly string[], value: unknown): unknown {
  const isFixture = key[0] === 'routes' && key.length === 3 && key[2] === 'fixture'
  return isFixture && value !== undefined && value !== 'none' ? 'checked' : value
}

function ruleOf(key: readonly string[]): KeyRule | undefined {
  return KEY_RULES.find(
    (rule) =>
      rule.key.length === key.length &&
      rule.key.every((step, index) => step === '*' || step === key[index]),
  )
}

function changeOf(
  key: readonly string[],
  direction: Direction,
  [before, after]: readonly [unknown, unknown],
  rule: KeyRule | undefined,
): PolicyChange {
  const [first, name, ...rest] = key
  const route = first === 'routes' ? name : undefined
  return {
    direction,
    what: 'rule',
    key: route === undefined ? key.join('.') : ['routes[]', ...rest].join('.'),
    route,
    ...(first === 'roles' && { role: name }),
    ...(rule?.told === true && { from: textOf(before), to: textOf(after) }),
    ...(rule?.told !== true && { from: presence(before), to: presence(after) }),
  }
}

function presence(value: unknown): string {
  return value === undefined ? 'absent' : 'present'
}

function textOf(value: unknown): string {
  if (value === undefined) return 'absent'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, index) => same(one, b[index]))
  if (!isObject(a) || !isObject(b)) return Object.is(a, b)
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  )
}
