/** Resolves what a route says of searches. */
import { isSingular } from '../../json/query/ast.ts'
import type { DetectDocument } from '../policy/detect-document.ts'
import type { PolicyDocument, RouteDocument, SearchDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import { parseRouteTemplate } from '../routing/route-template.ts'
import { grammarOf } from '../search/grammars.ts'
import { isTextGrammar } from '../search/grammar.ts'
import { classesOf } from '../search/judge.ts'
import type { FieldRule, SearchPlace, SearchRules } from '../search/search-rules.ts'
import { VALUE_FIELD } from '../search/value.ts'
import type { Complaints } from './complaints.ts'
import { expandClassPattern } from './classes.ts'

const PLAIN = 'plain'
/** Fields whose values are names of fields, in languages that have such. */
const NAMING: ReadonlySet<string> = new Set(['order_by', 'sort_by', 'sort', 'group_by'])

export interface SearchSource {
  readonly document: PolicyDocument
  readonly route: RouteDocument
  readonly path: PolicyPath
}

/** The searches of a route; what is wrong with one is complained of. */
export function compileSearches(
  { document, route, path }: SearchSource,
  complaints: Complaints,
): readonly SearchRules[] {
  const places = new Set<string>()
  return (route.search ?? []).flatMap((entry, index) => {
    const source = { document, route, entry, path: [...path, 'search', index] }
    const place = compilePlace(source, complaints)
    const grammar = grammarOf(entry.grammar)
    if (place === undefined || grammar === undefined) return []
    const name = place.kind === 'body' ? place.query.text : place.name
    if (places.has(name)) complaints.add(source.path, `\`${name}\` is declared twice`)
    places.add(name)
    const rules: SearchRules = {
      place,
      grammar,
      fields: compileFields(source, complaints),
      words: ruleOf(entry.words, [...source.path, 'words'], source, complaints),
      exact: new Map(Object.entries(entry.exact ?? {})),
    }
    checkShape(source, rules, complaints)
    checkExact(source, rules, complaints)
    checkKey(source, rules, complaints)
    return [rules]
  })
}

interface EntrySource {
  readonly document: PolicyDocument
  readonly route: RouteDocument
  readonly entry: SearchDocument
  readonly path: PolicyPath
}

function compilePlace(source: EntrySource, complaints: Complaints): SearchPlace | undefined {
  const { entry, path } = source
  const { parameter, path: inPath, body } = entry
  const given = [parameter, inPath, body].filter((one) => one !== undefined)
  if (given.length !== 1) {
    complaints.add(path, 'a search is in exactly one of `parameter`, `path` and `body`')
    return undefined
  }
  if (parameter !== undefined) return compileParameter(source, parameter, complaints)
  if (inPath !== undefined) return compilePathParameter(source, inPath, complaints)
  return compileLocation(source, body ?? '', complaints)
}

function compileParameter(
  { route, path }: EntrySource,
  name: string,
  complaints: Complaints,
): SearchPlace {
  const at = [...path, 'parameter']
  if (route.query === 'any') {
    complaints.add(
      at,
      'the route takes any parameter, also this one in another spelling',
      'list them under `query`',
    )
  } else if (Object.hasOwn(route.query ?? {}, name)) {
    complaints.add(at, `\`${name}\` stands under \`query\` too`)
  }
  return { kind: 'parameter', name }
}

function compilePathParameter(
  { route, entry, path }: EntrySource,
  name: string,
  complaints: Complaints,
): SearchPlace {
  const at = [...path, 'path']
  const template = parseRouteTemplate(route.match)
  if ('segments' in template) {
    const names = template.segments.flatMap((one) => (one.kind === 'parameter' ? [one.name] : []))
    complaints.requireKnown(at, 'path parameter', name, names)
  }
  if (entry.grammar !== 'value') complaints.add(at, 'a parameter of the path is a `value`')
  return { kind: 'path', name }
}

function compileLocation(
  { route, path }: EntrySource,
  text: string,
  complaints: Complaints,
): SearchPlace | undefined {
  const at = [...path, 'body']
  const query = complaints.query(at, text)
  if (route.body === undefined) complaints.add(at, 'the route takes no body')
  if (route.body?.unlisted === 'pass') {
    complaints.add(
      at,
      'members that nothing names pass, also this one in another spelling',
      'leave `unlisted: pass` out',
    )
  }
  if (query === undefined) return undefined
  if (!isSingular(query.segments)) {
    complaints.add(at, `\`${query.text}\` can select several locations`, 'names and indices only')
  }
  return { kind: 'body', query }
}

function compileFields(source: EntrySource, complaints: Complaints): SearchRules['fields'] {
  const { entry, path } = source
  const fields = new Map<string, FieldRule>()
  if (entry.class !== undefined) {
    const rule = ruleOf(entry.class, [...path, 'class'], source, complaints)
    if (rule !== undefined) fields.set(VALUE_FIELD, rule)
  }
  for (const [name, meaning] of Object.entries(entry.fields ?? {})) {
    const at = [...path, 'fields', name]
    const rule = ruleOf(meaning, at, source, complaints)
    if (rule === undefined) continue
    if (rule.kind === 'plain' && NAMING.has(name)) {
      complaints.add(
        at,
        `the values of \`${name}\` are names of fields`,
        'list those that are allowed',
      )
    }
    fields.set(name, rule)
  }
  return fields
}

function ruleOf(
  meaning: SearchDocument['words'],
  path: PolicyPath,
  { document }: EntrySource,
  complaints: Complaints,
): FieldRule | undefined {
  if (meaning === undefined) return undefined
  if (typeof meaning !== 'string') return { kind: 'values', values: new Set(meaning.map(String)) }
  if (meaning === PLAIN) {
    if (Object.hasOwn(document.classes, PLAIN)) {
      complaints.add(
        path,
        'the policy has a class of this name, so that nobody can tell what is meant',
      )
    }
    return { kind: 'plain' }
  }
  complaints.requireKnown(path, 'class', meaning, [...Object.keys(document.classes), PLAIN])
  return { kind: 'class', dataClass: meaning }
}

// Which members go with which language.
function checkShape(
  { route, entry, path }: EntrySource,
  { grammar, place }: SearchRules,
  complaints: Complaints,
): void {
  const isValue = grammar.name === 'value'
  if (isValue !== (entry.class !== undefined) || isValue === (entry.fields !== undefined)) {
    const instead = isValue ? '`class`, and no `fields`' : '`fields`, and no `class`'
    complaints.add(path, `the language \`${grammar.name}\` asks for ${instead}`)
  }
  if (entry.words !== undefined && grammar.name !== 'zendesk') {
    complaints.addAtKey([...path, 'words'], `\`${grammar.name}\` has no words without a field`)
  }
  if (typeof entry.words === 'object') complaints.add([...path, 'words'], 'a class, or `plain`')
  if (place.kind !== 'body' && !isTextGrammar(grammar)) {
    complaints.add([...path, place.kind], `\`${grammar.name}\` is for bodies`)
  }
  const method = route.match.split(' ')[0] ?? ''
  if (method !== 'GET' && route.effect !== 'read') {
    complaints.add(path, 'a route that writes does not search', 'declare it as `effect: read`')
  }
}

function checkExact(source: EntrySource, rules: SearchRules, complaints: Complaints): void {
  const { entry, path } = source
  const { grammar } = rules
  const classes = classesOf(rules)
  for (const [dataClass, form] of Object.entries(entry.exact ?? {})) {
    const at = [...path, 'exact', dataClass]
    if (grammar.name === 'names') {
      complaints.addAtKey(at, 'a list of names has no values that could be whole')
    } else if (!classes.includes(dataClass)) {
      complaints.addAtKey(at, `no field of the search has the class \`${dataClass}\``)
    } else if (form === 'text' && !grammar.wholeValues) {
      complaints.add(
        at,
        `equality in \`${grammar.name}\` may mean a part of a text`,
        'a form that a part does not have: email, phone, digits, iban, token',
      )
    } else if (!hasBudget(source, dataClass)) {
      complaints.addAtKey(
        at,
        `nothing counts the terms by which \`${dataClass}\` is searched`,
        `add detect: [{ name: searches, classes: [${dataClass}], count: { distinct: searchTerm, over: 50, within: 1d }, then: [flag, block] }]`,
      )
    }
  }
}

function hasBudget({ document }: EntrySource, dataClass: string): boolean {
  return (document.detect ?? []).some(
    (rule) =>
      rule.count.distinct === 'searchTerm' &&
      isBudget(rule) &&
      rule.classes?.some((pattern) => expandClassPattern(pattern, [dataClass]).length > 0),
  )
}

// One that holds for each agent, on every route, at any time, and also when the counters are away.
function isBudget({ per, routes, effect, purpose, outside, whenUnknown }: DetectDocument): boolean {
  const everywhere = [routes, effect, purpose, outside].every((filter) => filter === undefined)
  return (per ?? 'subject') === 'subject' && everywhere && whenUnknown !== 'flag'
}

function checkKey(
  { document, path }: EntrySource,
  rules: SearchRules,
  complaints: Complaints,
): void {
  if (classesOf(rules).length === 0 || document.keys?.audit !== undefined) return
  complaints.add(
    path,
    'search terms are written to the audit as keyed pseudonyms, and there is no key',
    'add keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY } }',
  )
}
