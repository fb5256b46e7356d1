/** Reads a connector: YAML, environment, schema, queries and templates. All that is wrong is told at once. */
import { parseDuration } from '../core/duration.ts'
import { CelosiaError } from '../core/errors.ts'
import { readBounded, unreadable } from '../core/read-bounded.ts'
import type { Query } from '../json/query/ast.ts'
import { isSingular } from '../json/query/ast.ts'
import { parseQuery } from '../json/query/parse.ts'
import type { Complaint, PolicyPath } from '../rules/policy/fault.ts'
import { PolicyInvalidError } from '../rules/policy/fault.ts'
import { parseDocument, type ParsedDocument } from '../rules/policy/parse-document.ts'
import { createValidator } from '../rules/policy/validate.ts'
import { POLICY_BYTES_MAX } from '../rules/policy/yaml-source.ts'
import { spelledNames } from '../rules/writes/spelled-names.ts'
import type { Connector, Resource, TextPlaces, WriteCall } from './connector.ts'
import type { ConnectorDocument, ResourceDocument, TextsDocument } from './document.ts'
import { ConnectorInvalidError } from './errors.ts'
import { CONNECTOR_SCHEMA } from './schema.ts'
import { parseBody, parsePath } from './templates.ts'
import type { PathTemplate } from './templates.ts'

const WHAT = 'the connector'
const REQUESTS_PER_SECOND = 5
const TIMEOUT_MS = 30_000

const validate = createValidator<ConnectorDocument>({
  schema: CONNECTOR_SCHEMA,
  what: WHAT,
  planned: () => undefined,
})
const LANGUAGE = { what: WHAT, emptyHint: 'config/connectors has examples', validate }

/** Throws {@link ConnectorInvalidError} with every fault. */
export function loadConnector(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Connector {
  const parsed = parsedFile(file, environment)
  const { document } = parsed
  const complaints: Complaint[] = parsed.missing.map(({ name, path }) => ({
    path,
    message: `the environment variable ${name} is not set`,
  }))
  const compiler = new Compiler(document, complaints)
  const connector: Connector = {
    url: compiler.url(),
    headers: document.headers ?? {},
    requestsPerSecond: document.requestsPerSecond ?? REQUESTS_PER_SECOND,
    timeoutMs: document.timeout === undefined ? TIMEOUT_MS : (parseDuration(document.timeout) ?? 0),
    resources: compiler.partsOf(undefined, []),
    sha256: parsed.sha256,
  }
  compiler.checkNames()
  if (complaints.length > 0) throw new ConnectorInvalidError(parsed.locate(complaints))
  return connector
}

function parsedFile(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): ParsedDocument<ConnectorDocument> {
  try {
    return parseDocument({ file, bytes: readFile(file), environment }, LANGUAGE)
  } catch (error) {
    if (error instanceof PolicyInvalidError) throw new ConnectorInvalidError(error.faults)
    throw error
  }
}

function readFile(file: string): Buffer {
  const bytes = readBounded(file, POLICY_BYTES_MAX)
  if (bytes !== undefined) return bytes
  const message = unreadable(WHAT, file, POLICY_BYTES_MAX)
  throw new ConnectorInvalidError([
    { code: 'ERR_POLICY_INVALID', file, line: 1, column: 1, message, hint: undefined },
  ])
}

const ROOT: Query = { text: '$', segments: [] }

class Compiler {
  readonly #document: ConnectorDocument
  readonly #complaints: Complaint[]

  constructor(document: ConnectorDocument, complaints: Complaint[]) {
    this.#document = document
    this.#complaints = complaints
  }

  /** An origin with http only to this machine, as credentials go there. */
  url(): string {
    const { url } = this.#document
    const parsed = URL.parse(url)
    const isPlain = parsed?.search === '' && parsed.hash === '' && parsed.username === ''
    if (parsed === null || !isPlain || !/^https?:$/.test(parsed.protocol)) {
      if (!url.includes('${'))
        this.#complain(['url'], 'no address of the form https://helpdesk.example.com')
      return ''
    }
    const isLocal = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(parsed.hostname)
    if (parsed.protocol === 'http:' && !isLocal) {
      this.#complain(['url'], 'without TLS everybody on the way can read it', 'write https://')
    }
    return `${parsed.origin}${parsed.pathname.replace(/\/$/, '')}`
  }

  /** The resources that are part of one, or of none. `known`: those whose ids are known by then. */
  partsOf(parent: string | undefined, known: readonly string[]): readonly Resource[] {
    return Object.entries(this.#document.resources)
      .filter(([, { of }]) => of === parent)
      .map(([name, entry]) => this.#resource(name, entry, [...known, name]))
  }

  /** Every resource is reached from one that stands by itself, and what it names is there. */
  checkNames(): void {
    const { resources } = this.#document
    for (const [name, { of, copies, read }] of Object.entries(resources)) {
      const path = ['resources', name]
      if (of !== undefined && !Object.hasOwn(resources, of)) {
        this.#complain([...path, 'of'], `there is no resource \`${of}\``)
      } else if (this.#isInCircle(name)) {
        this.#complain([...path, 'of'], `\`${name}\` is part of itself`)
      }
      for (const target of Object.keys(copies ?? {})) {
        const found = resources[target]
        if (found?.of === undefined && found?.read !== undefined) continue
        this.#complain(
          [...path, 'copies', target],
          `\`${target}\` is no resource that stands by itself and can be read`,
        )
      }
      if (of === undefined && read === undefined) {
        this.#complain(path, 'it stands by itself, and nothing says how one is read', 'add `read`')
      }
    }
  }

  #isInCircle(name: string): boolean {
    let at = this.#document.resources[name]?.of
    for (let steps = 0; at !== undefined; steps += 1) {
      if (steps > 20) return true
      at = this.#document.resources[at]?.of
    }
    return false
  }

  #resource(name: string, entry: ResourceDocument, known: readonly string[]): Resource {
    const path = ['resources', name]
    const { list, read, attachments } = entry
    const own = known.slice(0, -1)
    if (list.next !== undefined && list.page !== undefined) {
      this.#complain(
        [...path, 'list', 'page'],
        'pages are found by `next` or by `page`, not by both',
      )
    }
    const texts = (entry.texts ?? []).map((one, index) =>
      this.#texts(one, [...path, 'texts', index], known),
    )
    return {
      name,
      list: {
        get: this.#path([...path, 'list', 'get'], list.get, own),
        items: this.#query([...path, 'list', 'items'], list.items),
        next: list.next === undefined ? undefined : this.#one([...path, 'list', 'next'], list.next),
        page: list.page,
      },
      id: this.#one([...path, 'id'], entry.id),
      read: read && {
        get: this.#path([...path, 'read', 'get'], read.get, known),
        at: read.at === undefined ? ROOT : this.#one([...path, 'read', 'at'], read.at),
        each: read.each === true,
      },
      texts,
      attachments: attachments && {
        at: this.#query([...path, 'attachments', 'at'], attachments.at),
        id: this.#one([...path, 'attachments', 'id'], attachments.id),
      },
      copies: Object.entries(entry.copies ?? {}).map(([resource, at]) => ({
        resource,
        at: this.#queries([...path, 'copies', resource], at),
      })),
      parts: this.partsOf(name, known),
      names: spelledNames(texts.flatMap(({ at }) => at)),
    }
  }

  #texts(entry: TextsDocument, path: PolicyPath, known: readonly string[]): TextPlaces {
    const { write, byHand } = entry
    if ((write === undefined) === (byHand === undefined)) {
      this.#complain(path, 'exactly one of `write` and `byHand` says what becomes of it')
    }
    return {
      at: this.#queries([...path, 'at'], entry.at),
      base64: entry.as === 'base64',
      write:
        write === undefined
          ? { byHand: byHand ?? '' }
          : this.#write(write, [...path, 'write'], known),
    }
  }

  #write(
    write: NonNullable<TextsDocument['write']>,
    path: PolicyPath,
    known: readonly string[],
  ): WriteCall {
    const calls = (['put', 'patch', 'post'] as const).filter((name) => write[name] !== undefined)
    const [method = 'put'] = calls
    if (calls.length !== 1) this.#complain(path, 'exactly one of put, patch and post is needed')
    const body = parseBody(write.body)
    if (body === undefined) {
      this.#complain(
        [...path, 'body'],
        'exactly one kind of place is needed: "{changed}", "{record}", "{text}" or "{value}"',
      )
    }
    return {
      method: method.toUpperCase() as WriteCall['method'],
      path: this.#path([...path, method], write[method] ?? '/', known),
      body: body ?? { json: {}, per: 'record' },
    }
  }

  #path(path: PolicyPath, text: string, known: readonly string[]): PathTemplate {
    const template = parsePath(text)
    if (template === undefined) this.#complain(path, 'no path; places are of the form {ticket.id}')
    const foreign = template?.resources.find((name) => !known.includes(name))
    if (foreign !== undefined) {
      this.#complain(
        path,
        `the id of \`${foreign}\` is not known here`,
        `known: ${known.join(', ') || 'none'}`,
      )
    }
    return template ?? { text, resources: [] }
  }

  #queries(path: PolicyPath, at: string | readonly string[]): readonly Query[] {
    return typeof at === 'string'
      ? [this.#query(path, at)]
      : at.map((one, index) => this.#query([...path, index], one))
  }

  #one(path: PolicyPath, text: string): Query {
    const query = this.#query(path, text)
    if (!isSingular(query.segments)) this.#complain(path, 'a query of at most one node is needed')
    return query
  }

  #query(path: PolicyPath, text: string): Query {
    try {
      return parseQuery(text)
    } catch (error) {
      if (!(error instanceof CelosiaError)) throw error
      this.#complain(path, error.message)
      return ROOT
    }
  }

  #complain(path: PolicyPath, message: string, hint?: string): void {
    this.#complaints.push({ path, message, ...(hint !== undefined && { hint }) })
  }
}
