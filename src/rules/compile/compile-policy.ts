/** From a checked document to a policy that decides. All that is wrong is told at once; nothing is half compiled. */
import { DEFAULT_LIMITS } from '../../json/limits.ts'
import type { CompiledPolicy, PolicyLimits } from '../compiled-policy.ts'
import type { OperatorKeys } from '../operator.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { ParsedPolicy } from '../policy/parse-policy.ts'
import { PolicyInvalidError } from '../policy/fault.ts'
import { createRouteTable } from '../routing/route-table.ts'
import { compileAudit } from './audit.ts'
import { compileBreakGlass } from './break-glass.ts'
import type { DataClass } from './classes.ts'
import { compileClasses, compileRoles, compileRoleWrites } from './classes.ts'
import { Complaints } from './complaints.ts'
import { compileCors } from './cors.ts'
import { compileDetection } from './detect.ts'
import { compileForwarded } from './forwarded.ts'
import { compileIdentity } from './identity.ts'
import { compileInbound } from './inbound.ts'
import { compileLinks } from './links.ts'
import { compilePurposes } from './purposes.ts'
import { checkRegister } from './register.ts'
import { compileReveal } from './reveal.ts'
import type { RevealContext } from './reveal.ts'
import { kindsOf } from './route-queries.ts'
import { compileRoutes } from './routes.ts'
import type { CompiledRoute } from './routes.ts'
import { compileSelfTest } from './self-test.ts'
import type { ReadCanary } from './self-test-hidden.ts'
import { compileUpstreams } from './upstreams.ts'

const BODY_BYTES_MAX = 1_048_576
const REQUEST_BODY_BYTES_MAX = 1_048_576
const STREAMED_BYTES_MAX = 1_073_741_824
const HELD_BYTES_ALL_MAX = 268_435_456

export interface CompileInput {
  readonly parsed: ParsedPolicy
  /** Made of `keys.pseudonym` and `keys.token`; undefined where the policy has none. */
  readonly keys: OperatorKeys
  /** Content of a fixture by its name in the policy, or undefined. */
  readonly readFixture: (name: string) => Uint8Array | undefined
  /** What is planted in records of `selfTest`. Left out: nothing is. */
  readonly readCanary?: ReadCanary
}

/** A compiled policy whose routes still know their queries: for authors' tools. */
export interface CompiledPolicyWithQueries extends CompiledPolicy {
  readonly routeList: readonly CompiledRoute[]
  /** Classes with what finds them in text. */
  readonly dataClasses: ReadonlyMap<string, DataClass>
}

/** Throws {@link PolicyInvalidError} with every fault. */
export function compilePolicy({
  parsed,
  keys,
  readFixture,
  readCanary = () => undefined,
}: CompileInput): CompiledPolicyWithQueries {
  const { document } = parsed
  const complaints = new Complaints()
  const limits = {
    ...DEFAULT_LIMITS,
    depthMax: document.limits?.depthMax ?? DEFAULT_LIMITS.depthMax,
  }
  const identity = compileIdentity(document, complaints)
  const levels = identity.assurance
  const classes = compileClasses(document, { keys, levels }, complaints)
  const asked = compileAsked(document, { levels, classes }, complaints)
  const roles = compileRoles(document, complaints)
  const roleWrites = compileRoleWrites(document, classes, complaints)
  const upstreams = compileUpstreams(document, complaints)
  const { pseudonymizer } = keys
  const table = { routes: createRouteTable<CompiledRoute>([]) }
  const links = compileLinks(document, () => table.routes, complaints)
  const masking = {
    classes,
    roles,
    roleWrites,
    limits,
    pseudonymizer,
    links,
    recordBytesMax: limitsOf(document).bodyBytesMax,
    ledger: document.audit?.ledger === 'locations',
  }
  const inbound = compileInbound(document, classes, complaints)
  const routeList = compileRoutes(
    { document, upstreams, levels, purposes: asked.purposes, inbound, readFixture, ...masking },
    complaints,
  )
  table.routes = createRouteTable(routeList)
  const lookups = compileDetection(document, levels, complaints)
  const forwarded = compileForwarded(document, complaints)
  const cors = compileCors(document, complaints)
  const audit = compileAudit(document, complaints)
  const asking = { routes: table.routes, upstreams, roles, readCanary }
  const selfTest = compileSelfTest(document, asking, complaints)
  checkBeside(parsed, complaints)
  checkPrograms(routeList, [...roles.keys()], complaints)
  if (complaints.list().length > 0) throw new PolicyInvalidError(parsed.locate(complaints.list()))
  return {
    sha256: parsed.sha256,
    tenant: document.tenant ?? 'default',
    upstreams,
    ...identity,
    ...asked,
    roles: new Set(roles.keys()),
    classes: new Set(Object.keys(document.classes)),
    routes: table.routes,
    routeList,
    dataClasses: classes,
    lookups,
    audit,
    selfTest,
    limits: limitsOf(document),
    forwarded,
    cors,
    links,
    markHeader: document.marks?.header ?? true,
  }
}

function limitsOf({ limits = {} }: PolicyDocument): PolicyLimits {
  return {
    bodyBytesMax: limits.bodyBytesMax ?? BODY_BYTES_MAX,
    streamedBytesMax: limits.streamedBytesMax ?? STREAMED_BYTES_MAX,
    requestBodyBytesMax: limits.requestBodyBytesMax ?? REQUEST_BODY_BYTES_MAX,
    heldBytesAllMax: limits.heldBytesAllMax ?? HELD_BYTES_ALL_MAX,
  }
}

// What a request can ask for beside its route.
function compileAsked(
  document: PolicyDocument,
  context: RevealContext,
  complaints: Complaints,
): Pick<CompiledPolicy, 'reveal' | 'breakGlass' | 'purposes'> {
  return {
    reveal: compileReveal(document, context, complaints),
    breakGlass: compileBreakGlass(document, context.levels, complaints),
    purposes: compilePurposes(document, complaints),
  }
}

// What nothing is compiled of.
function checkBeside(parsed: ParsedPolicy, complaints: Complaints): void {
  checkKeys(parsed, complaints)
  checkRegister(parsed.document, complaints)
}

function checkKeys(parsed: ParsedPolicy, complaints: Complaints): void {
  const { document } = parsed
  for (const name of ['audit', 'pseudonym', 'token', 'cursor', 'checkpoint'] as const) {
    const key = document.keys?.[name]
    if (key !== undefined && (key.env === undefined) === (key.file === undefined)) {
      complaints.add(['keys', name], 'a key comes from exactly one of `env` and `file`')
    }
  }
  const current = document.keys?.audit
  for (const [index, key] of (current?.previous ?? []).entries()) {
    const path = ['keys', 'audit', 'previous', index]
    if ((key.env === undefined) === (key.file === undefined))
      complaints.add(path, 'a key comes from exactly one of `env` and `file`')
    if (key.version >= (current?.version ?? 0))
      complaints.add([...path, 'version'], 'an older key has a lower version than the present one')
  }
  const subjects = document.routes.findIndex((route) => kindsOf(route).length > 0)
  if (subjects !== -1 && document.keys?.audit === undefined) {
    complaints.add(
      ['routes', subjects, 'dataSubjects'],
      'data subjects are written to the audit as keyed pseudonyms, and there is no key',
      'add keys: { audit: { version: 1, env: CELOSIA_AUDIT_KEY } }',
    )
  }
}

// Programs are compiled once here for the largest role set, so that a limit is met at load and not at a request.
function checkPrograms(
  routes: readonly CompiledRoute[],
  roles: readonly string[],
  complaints: Complaints,
): void {
  if (complaints.list().length > 0) return
  for (const route of routes) {
    route.maskingFor(roles.toSorted())
    route.errorMaskingFor?.(roles.toSorted())
    route.write?.guardFor(roles.toSorted())
  }
}
