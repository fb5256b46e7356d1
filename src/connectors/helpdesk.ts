/** Records of a helpdesk, by its connector: listed page by page, read one by one, and written to. */
import { CelosiaError } from '../core/errors.ts'
import { Budget } from '../json/evaluate/budget.ts'
import { selectNodes } from '../json/evaluate/select.ts'
import { DEFAULT_LIMITS } from '../json/limits.ts'
import type { Query } from '../json/query/ast.ts'
import { readDocument } from '../json/read-document.ts'
import { sourceOf } from '../json/tape/children.ts'
import { decodeString, KIND_NUMBER, KIND_STRING } from '../json/tape/tape.ts'
import type { Tape } from '../json/tape/tape.ts'
import type { RecordIds, Resource } from './connector.ts'
import { ConnectorError } from './errors.ts'
import type { HelpdeskClient, HelpdeskRequest } from './http-client.ts'
import { fillPath } from './templates.ts'

/** Steps that one query may take over one answer. */
const STEPS_MAX = 5_000_000
/** Pages of one list. */
const PAGES_MAX = 100_000

/** One record, as it was listed or read. */
export interface HelpdeskRecord {
  readonly resource: Resource
  /** Its own id, and those of the records that it is part of. */
  readonly ids: RecordIds
  readonly id: string
  readonly tape: Tape
}

export interface RecordPage {
  readonly records: readonly HelpdeskRecord[]
  /** The address of the next page. */
  readonly next: string | undefined
}

export interface Helpdesk {
  /** Pages of a list, from an address on or from its beginning. */
  readonly pages: (
    resource: Resource,
    within: RecordIds,
    from?: string,
  ) => AsyncGenerator<RecordPage>
  /** One record by its id; `ids` has it. Undefined where it is not there. */
  readonly read: (resource: Resource, ids: RecordIds) => Promise<HelpdeskRecord | undefined>
  readonly write: (
    request: Omit<HelpdeskRequest, 'address'> & { readonly path: string },
  ) => Promise<void>
}

/** Every throw of it is a {@link ConnectorError}, or of the audit. */
export function createHelpdesk(client: HelpdeskClient): Helpdesk {
  const get = async (address: string): Promise<Tape> =>
    documentOf(await client.ask({ method: 'GET', address }))
  const read: Helpdesk['read'] = async (resource, ids) => {
    if (resource.read === undefined) return undefined
    const { get: path, at } = resource.read
    const tape = await get(fillPath(path, ids)).catch((error: unknown) => {
      if (error instanceof ConnectorError && error.status === 404) return undefined
      throw error
    })
    const [node] = tape === undefined ? [] : nodesOf(at, tape)
    if (tape === undefined || node === undefined) return undefined
    // It keeps the id that it was asked for by, whatever it says of itself.
    const id = ids.get(resource.name) ?? ''
    return { resource, ids, id, tape: documentOf(sourceOf(tape, node)) }
  }
  return {
    read,
    write: async ({ method, path, body }) => {
      await client.ask({ method, address: path, ...(body !== undefined && { body }) })
    },
    async *pages(resource, within, from) {
      const { get: path, items, next, page } = resource.list
      let address: string | undefined = from ?? firstPage(fillPath(path, within), page)
      const seen = new Set<string>()
      while (address !== undefined) {
        if (seen.size >= PAGES_MAX || seen.has(address)) {
          throw new ConnectorError(`the list of ${resource.name} does not end`)
        }
        seen.add(address)
        const tape = await get(address)
        const records = nodesOf(items, tape).map((node) =>
          recordOf(resource, within, documentOf(sourceOf(tape, node))),
        )
        if (page !== undefined) address = records.length === 0 ? undefined : nextPage(address, page)
        else address = (next && textsAt(next, tape)[0]) || undefined
        yield { records, next: address }
      }
    },
  }
}

function firstPage(address: string, parameter: string | undefined): string {
  if (parameter === undefined) return address
  return `${address}${address.includes('?') ? '&' : '?'}${parameter}=1`
}

/** The number is the last thing in an address of ours. */
function nextPage(address: string, parameter: string): string {
  const at = address.lastIndexOf(`${parameter}=`) + parameter.length + 1
  return `${address.slice(0, at)}${Number(address.slice(at)) + 1}`
}

/** The strings and numbers at a query, as texts. */
export function textsAt(query: Query, tape: Tape): readonly string[] {
  return nodesOf(query, tape).flatMap((node) => {
    const [start, end] = [tape.start[node] ?? 0, tape.end[node] ?? 0]
    if (tape.kind[node] === KIND_STRING) return [decodeString(tape.bytes, start + 1, end - 1)]
    if (tape.kind[node] !== KIND_NUMBER) return []
    return [Buffer.from(tape.bytes.subarray(start, end)).toString()]
  })
}

/** The nodes at a query. */
export function nodesOf(query: Query, tape: Tape): readonly number[] {
  try {
    return [...new Set(selectNodes(query, tape, new Budget(STEPS_MAX)))]
  } catch (cause) {
    if (!(cause instanceof CelosiaError)) throw cause
    throw new ConnectorError(`the query ${query.text} cannot be decided`, { cause })
  }
}

/** A whole document. */
export function documentOf(bytes: Uint8Array): Tape {
  try {
    return readDocument(bytes, DEFAULT_LIMITS)
  } catch (cause) {
    if (!(cause instanceof CelosiaError)) throw cause
    throw new ConnectorError('the helpdesk answered what is no JSON that can be read', { cause })
  }
}

function recordOf(resource: Resource, within: RecordIds, tape: Tape): HelpdeskRecord {
  const [id] = textsAt(resource.id, tape)
  if (id === undefined || id === '') throw new ConnectorError(`a ${resource.name} has no id`)
  return { resource, ids: new Map([...within, [resource.name, id]]), id, tape }
}
