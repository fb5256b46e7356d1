/**
 * Variant v2: the same rules over parsed objects, by one lazily built automaton (names, wildcards, descendants, and
 * filters that compare one member with a number), with counters and data subjects. As good as an object tree gets.
 */
import { parseQuery, parseRelativeQuery } from '../../src/json/query/parse.ts'
import type { Segment, Selector } from '../../src/json/query/ast.ts'
import { APPLY, REDACTED, SCOPES } from './rule-sets.ts'
import type { Rule } from './rule-sets.ts'

interface Item {
  readonly segments: readonly Segment[]
  readonly at: number
  /** Rule number; scopes count from -1 downwards. */
  readonly goal: number
}

interface State {
  readonly items: readonly Item[]
  readonly rule: number
  readonly scope: number
  readonly byName: Map<string, State>
  readonly filters: readonly Item[]
  element: State | undefined
  readonly filtered: Map<string, State>
}

type Fields = Record<string, unknown>

export function createTreeWalk(
  rules: readonly Rule[],
  unlisted: 'show' | 'mask',
): (json: unknown) => unknown {
  const states = new Map<string, State>()
  const ids = SCOPES.map(({ id }) => parseRelativeQuery(id).segments.map(nameOf))
  const start = stateOf([
    ...rules.map(({ query }, goal) => ({ segments: parseQuery(query).segments, at: 0, goal })),
    ...SCOPES.map(({ at }, index) => ({
      segments: parseQuery(at).segments,
      at: 0,
      goal: -1 - index,
    })),
  ])
  let counters = new Uint32Array(rules.length)
  let subjects = new Map<string, Uint32Array>()

  function stateOf(items: readonly Item[]): State {
    const key = items.map((item) => `${item.goal}:${item.at}`).join()
    const found = states.get(key)
    if (found !== undefined) return found
    const done = items.filter((item) => item.at === item.segments.length).map((item) => item.goal)
    const state: State = {
      items,
      rule: Math.min(...done.filter((goal) => goal >= 0), Number.MAX_SAFE_INTEGER),
      scope: done.find((goal) => goal < 0) ?? 0,
      byName: new Map(),
      filters: items.filter((item) =>
        item.segments[item.at]?.selectors.some((one) => one.kind === 'filter'),
      ),
      element: undefined,
      filtered: new Map(),
    }
    states.set(key, state)
    return state
  }

  function follow(state: State, name: string | undefined, child: unknown): State {
    if (state.filters.length > 0) {
      const passed = state.filters.map((item) => passes(item, child))
      const key = `${name ?? ''}|${passed.join()}`
      let next = state.filtered.get(key)
      if (next === undefined)
        state.filtered.set(
          key,
          (next = step(state, name, new Set(state.filters.filter((_, i) => passed[i])))),
        )
      return next
    }
    if (name === undefined) return (state.element ??= step(state, undefined, NONE))
    let next = state.byName.get(name)
    if (next === undefined) state.byName.set(name, (next = step(state, name, NONE)))
    return next
  }

  function step(state: State, name: string | undefined, passed: ReadonlySet<Item>): State {
    const items = new Map<string, Item>()
    const put = (item: Item) => items.set(`${item.goal}:${item.at}`, item)
    for (const item of state.items) {
      const segment = item.segments[item.at]
      if (segment === undefined) continue
      if (segment.kind === 'descendant') put(item)
      if (segment.selectors.some((one) => selects(one, name, passed.has(item))))
        put({ ...item, at: item.at + 1 })
    }
    return stateOf([...items.values()])
  }

  function visit(value: unknown, state: State, tally: Uint32Array): unknown {
    if (value !== null && typeof value === 'object') {
      const own = state.scope < 0 ? tallyOf(state.scope, value as Fields) : tally
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++)
          value[i] = visit(value[i], follow(state, undefined, value[i]), own)
      } else {
        const fields = value as Fields
        for (const name in fields)
          fields[name] = visit(fields[name], follow(state, name, fields[name]), own)
      }
      return value
    }
    return state.rule < rules.length
      ? edit(value, state.rule, tally)
      : unlisted === 'mask'
        ? byType(value)
        : value
  }

  function edit(value: unknown, rule: number, tally: Uint32Array): unknown {
    counters[rule] = (counters[rule] ?? 0) + 1
    tally[rule] = (tally[rule] ?? 0) + 1
    const treatment = rules[rule]?.treatment ?? 'redact'
    // Left undefined rather than deleted: stringify leaves it out, and the object keeps its shape.
    if (treatment === 'suppress') return undefined
    if (treatment === 'show') return value
    return treatment === 'redact' || typeof value !== 'string' ? REDACTED : APPLY[treatment](value)
  }

  function tallyOf(scope: number, value: Fields): Uint32Array {
    let id: unknown = value
    for (const name of ids[-1 - scope] ?? []) id = (id as Fields | undefined)?.[name]
    const key = `${scope}:${String(id)}`
    let tally = subjects.get(key)
    if (tally === undefined) subjects.set(key, (tally = new Uint32Array(rules.length)))
    return tally
  }

  return (json) => {
    counters = new Uint32Array(rules.length)
    subjects = new Map()
    return visit(json, start, new Uint32Array(rules.length))
  }
}

const NONE: ReadonlySet<Item> = new Set()

function selects(selector: Selector, name: string | undefined, passed: boolean): boolean {
  if (selector.kind === 'name') return selector.name === name
  return selector.kind === 'filter' ? passed : selector.kind === 'wildcard'
}

function passes({ segments, at }: Item, child: unknown): boolean {
  const selector = segments[at]?.selectors.find((one) => one.kind === 'filter')
  const test = selector?.kind === 'filter' ? selector.test : undefined
  if (test?.kind !== 'compare' || test.left.kind !== 'query' || test.right.kind !== 'literal')
    return false
  const literal = test.right.value
  const wanted = literal !== null && typeof literal === 'object' ? Number(literal.number) : literal
  const name = nameOf(test.left.query.segments[0])
  return child !== null && typeof child === 'object' && (child as Fields)[name] === wanted
}

function nameOf(segment: Segment | undefined): string {
  const selector = segment?.selectors[0]
  return selector?.kind === 'name' ? selector.name : ''
}

function byType(value: unknown): unknown {
  return typeof value === 'string'
    ? '[masked]'
    : typeof value === 'number'
      ? 0
      : typeof value === 'boolean'
        ? false
        : value
}
