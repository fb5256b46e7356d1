/**
 * The body of a request: its type is one that the route takes, it is held whole within the limits, read strictly, and checked
 * for these roles. What goes upstream is what was checked.
 */
import type { UncheckedPart } from '../../core/audit-facts.ts'
import { CelosiaError } from '../../core/errors.ts'
import type { BodyRules } from '../../rules/request/body-rules.ts'
import { bodyFault } from '../../rules/request/check-body.ts'
import type { BodyUse } from '../../rules/request/check-body.ts'
import type { CoveredBody } from '../../rules/request/cover.ts'
import { takeOut } from '../../rules/request/inbound.ts'
import { parseMediaType } from '../../rules/request/media-type.ts'
import type { MediaType } from '../../rules/request/media-type.ts'
import { readBody } from '../../rules/request/read-body.ts'
import type { ReadBody } from '../../rules/request/read-body.ts'
import { writeFormatOf } from '../../rules/writes/write-rules.ts'
import type { Route } from '../../rules/compiled-policy.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { hasBody } from './framing.ts'
import { takeOperation } from './operation.ts'
import { receiveBody } from './receive-body.ts'

/** A body that may go upstream. */
export interface RequestBody {
  /** `Content-Type` for the upstream. */
  readonly contentType: string
  /** Type and subtype in lower case. */
  readonly type: string
  readonly bytes: Buffer
  /** The same with other strings at some nodes. */
  readonly write: ReadBody['write']
  /** Undefined where it is passed unread. */
  readonly covered: CoveredBody | undefined
}

/** Takes the body of a permitted request. Throws {@link RefusedError}. */
export function takeBody(exchange: Exchange, services: Services): Promise<void> | undefined {
  const route = exchange.match?.route
  if (route?.graphql !== undefined) return takeOperation(exchange, services, route.graphql)
  const given = hasBody(exchange.raw)
  if (route?.body !== undefined) {
    if (!given) throw new RefusedError('body-malformed')
    return takeDeclared(exchange, services, { ...route, body: route.body })
  }
  if (given) throw new RefusedError('body-unexpected')
  return undefined
}

async function takeDeclared(
  exchange: Exchange,
  services: Services,
  route: Route & { readonly body: BodyRules },
): Promise<void> {
  const type = declaredType(exchange, route.body)
  const received = await receiveBody(exchange, services)
  const given = read(received, type, route.body)
  const { covered } = given
  if (covered !== undefined) {
    if (exchange.masking === undefined) throw new RefusedError('internal-error')
    const use = useOf(route, type)
    const fault = use && bodyFault(covered, route.body, exchange.masking, use)
    if (fault !== undefined) throw new RefusedError(fault)
  }
  const body = withoutPersonalData(exchange, given, type, route)
  exchange.body = {
    contentType: type.header,
    type: type.essence,
    bytes: body.write(new Map()),
    write: body.write,
    covered: body.covered,
  }
  exchange.unchecked = [...exchange.unchecked, ...uncheckedParts(covered, route.body, type)]
}

/** What a read asks for is not stored. Edited bodies are read again, so that what goes on is what was checked. */
function withoutPersonalData(
  exchange: Exchange,
  body: ReadBody,
  type: MediaType,
  { effect, body: rules }: Route & { readonly body: BodyRules },
): ReadBody {
  const { inbound, limits } = rules
  if (inbound === undefined || body.covered === undefined || effect === 'read') return body
  const { edits, changes, refused } = takeOut(body.covered, inbound, limits)
  exchange.inbound = changes
  if (refused.length > 0) {
    const classes = changes.flatMap(({ class: name, action }) => (action === 'refuse' ? name : []))
    throw new RefusedError('personal-data-refused', { details: { locations: refused, classes } })
  }
  return edits.size === 0 ? body : read(body.write(edits), type, rules)
}

/** Undefined for a patch, of which nothing can be said without the record. */
function useOf({ write, effect }: Route, { essence }: MediaType): BodyUse | undefined {
  if (write === undefined) return effect
  return writeFormatOf(essence) === 'json-patch' ? undefined : 'held'
}

function declaredType({ raw }: Exchange, { types }: BodyRules): MediaType {
  const type = parseMediaType(raw.headers['content-type'] ?? '')
  const coded = raw.headers['content-encoding'] !== undefined
  if (type === undefined || coded || !types.has(type.essence)) {
    throw new RefusedError('body-type-undeclared')
  }
  return type
}

function read(bytes: Buffer, { essence }: MediaType, rules: BodyRules): ReadBody {
  try {
    const body = readBody(bytes, essence, rules)
    if (body !== undefined) return body
  } catch (cause) {
    if (!(cause instanceof CelosiaError && cause.code.startsWith('ERR_JSON_'))) throw cause
    throw new RefusedError('body-malformed', { cause })
  }
  throw new RefusedError('body-malformed')
}

function uncheckedParts(
  covered: CoveredBody | undefined,
  { unlisted }: BodyRules,
  { essence }: MediaType,
): readonly UncheckedPart[] {
  if (covered === undefined) return ['body']
  const mayBe = covered.unlisted !== undefined || writeFormatOf(essence) === 'json-patch'
  return unlisted === 'pass' && mayBe ? ['members'] : []
}
