/**
 * What the sample helpdesk answers to each path: a table, one canonical spelling per resource,
 * everything else not found.
 */
import type { Groups, HelpdeskData, Records } from './helpdesk-data.ts'
import { pageText } from './pages.ts'
import { searchUsers } from './user-search.ts'

interface Question {
  readonly data: HelpdeskData
  readonly origin: string
  readonly path: string
  /** The id in the path, or '' where it has none. */
  readonly id: string
  readonly query: URLSearchParams
}

interface Route {
  readonly path: RegExp
  /** JSON source text, or undefined where there is no such record. */
  readonly answer: (question: Question) => string | undefined
}

const ROUTES: readonly Route[] = [
  { path: /^\/api\/v2\/tickets$/, answer: (asked) => list(asked, 'tickets') },
  {
    path: /^\/api\/v2\/tickets\/(\d+)$/,
    answer: (asked) => one(asked, 'ticket', asked.data.tickets),
  },
  {
    path: /^\/api\/v2\/tickets\/(\d+)\/comments$/,
    answer: (asked) => group(asked, 'comments', asked.data.comments),
  },
  { path: /^\/api\/v2\/users$/, answer: (asked) => list(asked, 'users') },
  {
    path: /^\/api\/v2\/users\/search$/,
    answer: (asked) =>
      page(asked, 'users', searchUsers(asked.data.users.values(), asked.query.get('query') ?? '')),
  },
  { path: /^\/api\/v2\/users\/(\d+)$/, answer: (asked) => one(asked, 'user', asked.data.users) },
  {
    path: /^\/api\/v2\/users\/(\d+)\/identities$/,
    answer: (asked) => group(asked, 'identities', asked.data.identities),
  },
  {
    path: /^\/api\/v2\/organizations\/(\d+)$/,
    answer: (asked) => one(asked, 'organization', asked.data.organizations),
  },
  { path: /^\/api\/v2\/search$/, answer: search },
]

/**
 * The body for a request target in origin form (RFC 9112 3.2.1), or undefined where nothing is
 * there.
 */
export function answerTo(
  target: string,
  { data, origin }: { readonly data: HelpdeskData; readonly origin: string },
): string | undefined {
  const [path = '', ...rest] = target.split('?')
  for (const route of ROUTES) {
    const matched = route.path.exec(path)
    if (matched === null) continue
    const query = new URLSearchParams(rest.join('?'))
    return route.answer({ data, origin, path, id: matched[1] ?? '', query })
  }
  return undefined
}

function one({ id }: Question, name: string, records: Records): string | undefined {
  const record = records.get(id)
  return record === undefined ? undefined : `{"${name}":${record}}`
}

function list(asked: Question, name: 'tickets' | 'users'): string {
  return page(asked, name, [...asked.data[name].values()])
}

function group(asked: Question, name: string, groups: Groups): string | undefined {
  const items = groups.get(asked.id)
  return items === undefined ? undefined : page(asked, name, items)
}

/**
 * Tickets and users whose text holds the words asked for, whatever their case. No query finds
 * nothing.
 */
function search(asked: Question): string {
  const words = (asked.query.get('query') ?? '').toLowerCase()
  const found = (records: Records, type: string): readonly string[] =>
    [...records.values()]
      .filter((record) => words !== '' && unescaped(record).toLowerCase().includes(words))
      .map((record) => `{"result_type":"${type}",${record.slice(1)}`)
  const items = [...found(asked.data.tickets, 'ticket'), ...found(asked.data.users, 'user')]
  return page(asked, 'results', items)
}

function page({ origin, path, query }: Question, name: string, items: readonly string[]): string {
  return pageText({ name, items, link: `${origin}${path}`, query })
}

function unescaped(record: string): string {
  return record
    .replaceAll(/\\u([0-9a-f]{4})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    .replaceAll(String.raw`\/`, '/')
}
