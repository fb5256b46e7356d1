/** Resolves how the requests of routes are held against the record that they change. */
import type { BodyFormat } from '../../json/formats/formats.ts'
import type { Limits } from '../../json/limits.ts'
import type { Query } from '../../json/query/ast.ts'
import type { RouteWrite } from '../writes/route-write.ts'
import type { RouteDocument, WriteDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { BodyRules } from '../request/body-rules.ts'
import { formOf } from '../request/media-type.ts'
import type { RouteTemplate, TemplateSegment } from '../routing/route-template.ts'
import { writeLimits, type WriteGuard } from '../writes/guard-write.ts'
import { Sights, type SightQueries } from '../writes/sight.ts'
import { spelledNames } from '../writes/spelled-names.ts'
import { writeFormatOf } from '../writes/write-rules.ts'
import { linkOperator } from '../links/link-operator.ts'
import { sealOperator } from '../links/seal-operator.ts'
import type { Complaints } from './complaints.ts'
import { checkFixture } from './fixture.ts'
import { cachedByRoles } from './role-cache.ts'
import type { CompiledRoute, RouteContext } from './routes.ts'
import { compileWriteRules, type CompiledWriteRules } from './write-rules.ts'

const JSON_FORMAT: BodyFormat = { kind: 'json' }
const METHODS = new Set(['POST', 'PUT', 'PATCH'])
/** Those whose bodies change what is there, so that masks may come back in them. */
const CHANGING = new Set(['PUT', 'PATCH'])

/** A route without its writes, with what its author wrote. */
export interface DraftRoute {
  readonly route: CompiledRoute
  readonly document: RouteDocument
  readonly path: PolicyPath
}

/** The routes with their writes; what is wrong with them goes to `complaints`. */
export function compileWrites(
  drafts: readonly DraftRoute[],
  context: RouteContext,
  complaints: Complaints,
): readonly CompiledRoute[] {
  return drafts.map((draft) => {
    const { route, document } = draft
    if (document.write === undefined || document.write === 'none') {
      requireWrite(draft, complaints)
      return route
    }
    const write = compileWrite(draft, document.write, { drafts, context, complaints })
    return { ...route, write }
  })
}

function requireWrite({ route, document, path }: DraftRoute, complaints: Complaints): void {
  const { method } = route.template
  const isRead = [...(route.body?.types ?? [])].some((type) => formOf(type) !== 'opaque')
  if (!CHANGING.has(method) || !isRead || document.write === 'none') return
  complaints.add(
    path,
    `the route does not say how a ${method} is held against the record, so that masks could come to the place of what they hide`,
    'add `write: { read: GET ..., returned: ..., precondition: ... }`; or `write: none` where it changes nothing that is masked',
  )
}

interface Surroundings {
  readonly drafts: readonly DraftRoute[]
  readonly context: RouteContext
  readonly complaints: Complaints
}

function compileWrite(
  { route, document, path: routePath }: DraftRoute,
  write: WriteDocument,
  { drafts, context, complaints }: Surroundings,
): RouteWrite | undefined {
  const path = [...routePath, 'write']
  const { body } = route
  if (body === undefined || !METHODS.has(route.template.method) || route.effect === 'read') {
    complaints.addAtKey(
      path,
      'only a POST, PUT or PATCH that writes, with a body, is held against a record',
    )
    return undefined
  }
  checkTypes(body, write, path, complaints)
  const compiled = compileWriteRules(write, path, complaints)
  const read = findRead(route, write, { drafts, path, complaints })
  if (read === undefined) return undefined
  checkFixtures(compiled, { read, document, routePath }, { drafts, context, complaints })
  return {
    read: read.route,
    precondition: write.precondition,
    guardFor: cachedByRoles((roles) =>
      guardOf({ route, read: read.route, body }, compiled, context, roles),
    ),
  }
}

function checkTypes(
  { types }: BodyRules,
  { update }: WriteDocument,
  path: PolicyPath,
  complaints: Complaints,
): void {
  for (const type of types) {
    if (formOf(type) === 'json') continue
    complaints.addAtKey(
      path,
      `a body of \`${type}\` cannot be held against a record; only JSON can`,
    )
  }
  const isPlain = [...types].some((type) => writeFormatOf(type) === 'json')
  if (isPlain && update === undefined) {
    complaints.addAtKey(
      path,
      'the route does not say what a JSON document does to the record',
      'add `update: partial` where it changes the members that it has, or `update: replace`',
    )
  }
}

interface ReadSource extends Pick<Surroundings, 'drafts' | 'complaints'> {
  readonly path: PolicyPath
}

function findRead(
  { template, upstream }: CompiledRoute,
  write: WriteDocument,
  { drafts, path, complaints }: ReadSource,
): DraftRoute | undefined {
  const at = [...path, 'read']
  const reads = drafts.filter(({ route }) => route.template.method === 'GET')
  const read = reads.find(({ route }) => route.template.text === write.read)
  if (read === undefined) {
    const known = reads.map(({ route }) => route.template.text)
    complaints.requireKnown(at, 'route', write.read, known)
    return undefined
  }
  if (read.route.upstream !== upstream) {
    complaints.add(at, `\`${write.read}\` reads from another upstream`)
    return undefined
  }
  if (read.document.dictionary !== undefined) {
    complaints.add(
      at,
      `\`${write.read}\` has a dictionary, and what it masks in other texts could come back in a write`,
    )
    return undefined
  }
  if (read.route.format.kind !== 'json') {
    complaints.add(at, `\`${write.read}\` reads no single JSON document`)
    return undefined
  }
  const missing = parametersOf(read.route.template).filter(
    (wanted) => !parametersOf(template).some((given) => isSameParameter(wanted, given)),
  )
  for (const { name } of missing) {
    complaints.add(at, `the route does not have the parameter {${name}} of \`${write.read}\``)
  }
  return missing.length > 0 ? undefined : read
}

type Parameter = Extract<TemplateSegment, { kind: 'parameter' }>

function parametersOf({ segments }: RouteTemplate): readonly Parameter[] {
  return segments.filter((segment): segment is Parameter => segment.kind === 'parameter')
}

function isSameParameter(a: Parameter, b: Parameter): boolean {
  const text = ({ domain }: Parameter) =>
    domain.kind === 'type' ? domain.type : [...domain.values].toSorted().join('|')
  return a.name === b.name && text(a) === text(b)
}

interface FixtureSource {
  readonly read: DraftRoute
  readonly document: RouteDocument
  readonly routePath: PolicyPath
}

// What is wrong with a fixture by itself is complained of where it is named.
function checkFixtures(
  { onAnswers, onRequests }: CompiledWriteRules,
  { read, document, routePath }: FixtureSource,
  { context, complaints }: Surroundings,
): void {
  const nothing = { fields: [], links: [], cursors: [], dictionaries: [], dataSubjects: [] }
  const pairs = [
    { name: read.route.fixture, path: read.path, plain: onAnswers, format: read.route.format },
    {
      name: document.body?.fixture === 'none' ? undefined : document.body?.fixture,
      path: [...routePath, 'body'],
      plain: onRequests,
      format: JSON_FORMAT,
    },
  ]
  for (const { name, path, plain, format } of pairs) {
    const bytes = name === undefined ? undefined : context.readFixture(name)
    if (bytes === undefined || plain.length === 0) continue
    checkFixture(
      { bytes, path, queries: { ...nothing, plain }, format, limits: context.limits },
      complaints,
    )
  }
}

interface GuardSource {
  readonly route: CompiledRoute
  readonly read: CompiledRoute
  readonly body: BodyRules
}

function guardOf(
  { route, read, body }: GuardSource,
  { rules, onAnswers }: CompiledWriteRules,
  context: RouteContext,
  roles: readonly string[],
): WriteGuard {
  const { seesAll, writable } = route.maskingFor(roles)
  const limits: Limits = writeLimits(context.limits)
  const common = {
    classes: context.classes,
    // Overdue training masks every class, so that masks of all may come back.
    mayHaveSeenNone: context.document.identity.training !== undefined,
    shownByRole: roles.map((role) => context.roles.get(role) ?? new Set<string>()),
    limits,
    pseudonymizer: context.pseudonymizer,
    link: context.links && linkOperator(context.links, read.upstream),
    cursor: sealOperator(read.template.text),
  }
  const { queries } = read
  return {
    rules,
    sights: new Sights({ ...common, queries, masksForeignNames: true }),
    own: new Sights({ ...common, queries: queriesOnRequests(body), masksForeignNames: false }),
    writable,
    seesAll,
    text: body.text,
    spelled: spelledNames([
      ...queriesOf([...queries.fields, ...queries.anywhere, ...queries.plain]),
      ...queriesOf([...queries.links, ...queries.dictionaries, ...body.fields, ...onAnswers]),
      ...body.plain,
      ...body.text,
    ]),
  }
}

function queriesOf(entries: readonly { readonly query: Query }[]): readonly Query[] {
  return entries.map(({ query }) => query)
}

function queriesOnRequests({ fields, anywhere, plain, text, unlisted }: BodyRules): SightQueries {
  return {
    fields,
    anywhere,
    plain: [...plain, ...text].map((query) => ({ query })),
    links: [],
    cursors: [],
    dictionaries: [],
    dataSubjects: [],
    unlisted: unlisted === 'pass' ? 'show' : 'mask',
  }
}
