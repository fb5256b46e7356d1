/** `celosia mask`: the masking of one route and role as a filter, without network or token. */
import { once } from 'node:events'
import { CelosiaError } from '../core/errors.ts'
import type { CompiledPolicy, Route } from '../rules/compiled-policy.ts'
import { decide, ofRoles } from '../rules/decide.ts'
import { parseTarget } from '../rules/request/target.ts'
import { checkParameters } from '../rules/request/check-parameters.ts'
import type { Pairs } from '../rules/request/pairs.ts'
import type { RouteMatch } from '../rules/routing/route-table.ts'
import { askText } from '../rules/search/ask.ts'
import type { SearchRules } from '../rules/search/search-rules.ts'
import { requiredOption, UsageError, writeLine } from './command.ts'
import type { Command, CommandIo } from './command.ts'
import { gatherValues } from './gather-values.ts'
import { loadPolicy } from './load-policy.ts'

/** Output that is held until the input has proven to be whole. */
const HELD_BYTES_MAX = 8_388_608
const SLICE_BYTES = 65_536

export const mask: Command = {
  name: 'mask',
  summary: 'Mask standard input as the gateway would, to try a policy.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    role: { type: 'string', value: 'ROLE[,ROLE]', help: 'roles of the agent' },
    route: {
      type: 'string',
      value: "'GET /PATH'",
      help: 'a request that the policy has a route for',
    },
    report: { type: 'boolean', help: 'tell on standard error which classes were shown and masked' },
  },
  notes: [
    'Exit 0 masked, 2 usage, 3 policy refused, 4 input refused.',
    `Nothing is written of a refused input of up to ${HELD_BYTES_MAX / 1_048_576} MiB; of a longer one, what was written before the fault is to be thrown away.`,
  ].join('\n'),
  run: async (values, _operands, io) => {
    const roles = requiredOption(values, 'role').split(',')
    const request = requiredOption(values, 'route')
    const { compiled, notes } = loadPolicy({
      file: requiredOption(values, 'config'),
      environment: io.environment,
      mode: 'author',
    })
    // The audit's key plays no part in masking.
    for (const note of notes.filter((text) => /^keys\.(?!audit)/.test(text))) {
      await writeLine(io.stderr, `note: ${note}`)
    }
    const found = findMasking(compiled, request, roles)
    const { input, masking, rewriter } = await gatherValues(io.stdin, found, compiled)
    await filter({ ...io, input }, (slice, last) => {
      const pushed = rewriter.push(slice, last)
      if (pushed.kind === 'need')
        throw new UsageError('the policy asks for keys that mask does not have')
      return pushed.bytes
    })
    if (values['report'] === true) {
      for (const entry of masking.report(rewriter.exposures()).classes) {
        await writeLine(io.stderr, `${entry.class}: ${entry.shown} shown, ${entry.masked} masked`)
      }
    }
    return 0
  },
}

function findMasking(policy: CompiledPolicy, request: string, names: readonly string[]) {
  const unknown = names.filter((name) => !policy.roles.has(name))
  if (unknown.length > 0) {
    throw new UsageError(
      `the policy has no role ${unknown.join(', ')}; it has ${[...policy.roles].join(', ')}`,
    )
  }
  const found = findRoute(policy, request)
  const decision = decide(found?.route, ofRoles(policy, names))
  if (decision.effect === 'deny') throw refused(decision.reasons.join(', '))
  for (const rules of found?.route.search ?? []) {
    const text = found && searchText(rules, found)
    if (text !== undefined && askText(rules, text, decision.masking) === undefined) {
      throw refused('search-forbidden')
    }
  }
  return decision.masking
}

function refused(reason: string): UsageError {
  return new UsageError(`the request would be refused: ${reason}`)
}

interface FoundRoute extends RouteMatch<Route> {
  /** Of the query string. */
  readonly query: Pairs
}

function findRoute(policy: CompiledPolicy, request: string): FoundRoute | undefined {
  const [method, raw, ...rest] = request.split(' ')
  const target = raw === undefined ? undefined : parseTarget(raw)
  if (method === undefined || target === undefined || rest.length > 0) {
    throw new UsageError("--route is a method and a path: 'GET /api/v2/users/7'")
  }
  const found = policy.routes.find(method, target.parts)
  const query = found && checkParameters(target.parameters, found.route.query)
  if (found === undefined) return undefined
  if (query === undefined) throw refused('parameter-undeclared')
  return { ...found, query }
}

/** What is searched by in the path or the query string; a body is not there to be looked at. */
function searchText({ place }: SearchRules, { query, parameters }: FoundRoute): string | undefined {
  if (place.kind === 'path') return parameters.get(place.name)
  return place.kind === 'parameter' ? new Map(query).get(place.name) : undefined
}

// Held output leaves when the input has ended well, or when there is more of it than is held.
async function filter(
  io: CommandIo & { readonly input: AsyncIterable<Buffer> },
  push: (slice: Uint8Array, last: boolean) => Buffer,
): Promise<void> {
  let held: Buffer[] = []
  let heldBytes = 0
  let released = false
  const release = async () => {
    for (const bytes of held) if (!io.stdout.write(bytes)) await once(io.stdout, 'drain')
    held = []
    heldBytes = 0
  }
  const take = async (bytes: Buffer) => {
    if (bytes.byteLength === 0) return
    held.push(bytes)
    heldBytes += bytes.byteLength
    if (released || heldBytes > HELD_BYTES_MAX) {
      released = true
      await release()
    }
  }
  try {
    for await (const chunk of io.input) {
      for (let at = 0; at < chunk.byteLength; at += SLICE_BYTES) {
        await take(push(chunk.subarray(at, at + SLICE_BYTES), false))
      }
    }
    await take(push(Buffer.alloc(0), true))
  } catch (error) {
    if (released && error instanceof CelosiaError) {
      await writeLine(
        io.stderr,
        'celosia: the input is refused after a part was written; throw the output away',
      )
    }
    throw error
  }
  await release()
}
