/** The body of a request to a GraphQL endpoint: one operation, checked against the schema, with the masking of its answer. */
import { CelosiaError } from '../../core/errors.ts'
import type { GraphqlRoute } from '../../rules/graphql/graphql-rules.ts'
import { readOperation } from '../../rules/graphql/operation.ts'
import { readRequest } from '../../rules/graphql/read-request.ts'
import type { GraphqlRequest } from '../../rules/graphql/read-request.ts'
import { parseMediaType } from '../../rules/request/media-type.ts'
import type { Exchange } from '../exchange.ts'
import { RefusedError } from '../refused.ts'
import type { Services } from '../services.ts'
import { hasBody } from './framing.ts'
import { receiveBody } from './receive-body.ts'

const JSON_TYPE = 'application/json'

/** Takes it. Throws {@link RefusedError}. What goes upstream is written anew. */
export async function takeOperation(
  exchange: Exchange,
  services: Services,
  graphql: GraphqlRoute,
): Promise<void> {
  const { raw, masking: base } = exchange
  if (base === undefined) throw new RefusedError('internal-error')
  if (!hasBody(raw)) throw new RefusedError('body-malformed')
  const type = parseMediaType(raw.headers['content-type'] ?? '')
  const coded = raw.headers['content-encoding'] !== undefined
  if (type?.essence !== JSON_TYPE || coded) throw new RefusedError('body-type-undeclared')
  const request = read(await receiveBody(exchange, services), graphql)
  const operation = readOperation(request, graphql.rules, base.seesAll)
  if (typeof operation === 'string') throw new RefusedError(operation)
  const { maskedFor: roles, reveal } = exchange
  const masking = graphql.maskingFor(operation, {
    roles,
    revealed: reveal?.request.classes ?? [],
  })
  if (masking === undefined) throw new RefusedError('graphql-ambiguous')
  exchange.masking = masking
  const { operationName, variables } = request
  const bytes = Buffer.from(JSON.stringify({ query: operation.text, operationName, variables }))
  exchange.body = {
    type: JSON_TYPE,
    contentType: JSON_TYPE,
    bytes,
    write: () => bytes,
    covered: undefined,
  }
}

function read(bytes: Buffer, { limits }: GraphqlRoute): GraphqlRequest {
  try {
    const request = readRequest(bytes, limits)
    if (request === 'malformed') throw new RefusedError('graphql-malformed')
    if (request === 'refused') throw new RefusedError('graphql-refused')
    return request
  } catch (cause) {
    if (!(cause instanceof CelosiaError && cause.code.startsWith('ERR_JSON_'))) throw cause
    throw new RefusedError('body-malformed', { cause })
  }
}
