/** Sealed cursors: what an upstream puts into a cursor is told to nobody, and comes back unaltered or not at all. */
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import { get, type Attack } from './attack-table.ts'
import { GATEWAY } from './link-rows.ts'
import { bearer } from './token-rows.ts'

/** The shipped policy with two routes whose cursors are sealed. */
export function withCursors(policy: PolicyDocument): PolicyDocument {
  const upstream = Object.keys(policy.upstreams)[0] ?? ''
  const route = (path: string) => ({
    match: `GET ${path}`,
    upstream,
    query: { after: 'sealed' },
    cursors: '$.meta.after',
    links: '$.next',
    fixture: 'none',
  })
  return {
    ...policy,
    publicUrl: GATEWAY,
    keys: { ...policy.keys, cursor: { version: 1, env: 'CELOSIA_CURSOR_KEY' } },
    routes: [...policy.routes, route('/api/v2/pages'), route('/api/v2/other-pages')],
  }
}

/** Runs on after the other: a later row sends the cursors that an earlier one got. */
export function cursorRows(world: World, agent: string, other: string): Attack[] {
  const { canaries, upstream } = world
  const email = canaries.make('email', 'cursor.email')
  const raw = `{"email":"${email}"}`
  const body = () =>
    JSON.stringify({
      meta: { after: raw },
      next: `${upstream.url}/api/v2/other-pages?after=${encodeURIComponent(raw)}`,
    })
  const got = { cursor: '', linked: '' }
  const page = (name: string, path: string, token: string): Attack => ({
    id: 'G81',
    name: `cursor: ${name}`,
    send: get(path, bearer(token)),
    answer: jsonAnswer(body()),
    expect: ['permit'],
    check: (t, exchange) => {
      const answer = JSON.parse(exchange.body.toString()) as {
        meta: { after: string }
        next: string
      }
      got.cursor = answer.meta.after
      const next = new URL(answer.next)
      t.equal(`${next.origin}${next.pathname}`, `${GATEWAY}/api/v2/other-pages`)
      got.linked = next.searchParams.get('after') ?? ''
      t.match(got.cursor, /^[A-Za-z0-9_-]{43,}$/)
      t.match(got.linked, /^[A-Za-z0-9_-]{43,}$/)
    },
  })
  // Rows are made before they are run: what is sent is read when it is sent.
  const later = (name: string, target: () => string, row: Partial<Attack>): Attack => ({
    id: 'G81',
    name: `cursor: ${name}`,
    get send() {
      return get(target(), bearer(agent))
    },
    ...row,
  })
  const opened: Partial<Attack> = {
    answer: jsonAnswer('{}'),
    expect: ['permit'],
    check: (t) => {
      const target = upstream.requests[0]?.target ?? ''
      t.equal(new URL(target, 'http://a').searchParams.get('after'), raw, 'it comes back as it was')
    },
  }
  const refused: Partial<Attack> = { expect: ['cursor-refused'] }
  const undeclared: Partial<Attack> = { expect: ['parameter-undeclared'] }
  const pages = '/api/v2/pages?after='
  return [
    page('of a body and of a link', '/api/v2/pages', agent),
    later('comes back', () => pages + got.cursor, opened),
    later(
      'of a link comes back where it leads',
      () => `/api/v2/other-pages?after=${got.linked}`,
      opened,
    ),
    later('of a link at another route', () => pages + got.linked, refused),
    later('at another route', () => `/api/v2/other-pages?after=${got.cursor}`, refused),
    later(
      'altered',
      () => pages + got.cursor.replace(/.(?=.{30}$)/, (one) => (one === 'A' ? 'B' : 'A')),
      refused,
    ),
    later('cut', () => pages + got.cursor.slice(0, -4), refused),
    later('longer', () => `${pages}${got.cursor}AAAA`, refused),
    later('made up', () => pages + 'A'.repeat(150), refused),
    later('as the upstream knows it', () => pages + encodeURIComponent(raw), undeclared),
    later('twice', () => `${pages}${got.cursor}&after=${got.cursor}`, undeclared),
    later('empty', () => pages, undeclared),
    {
      ...later('of another subject', () => '', refused),
      get send() {
        return get(pages + got.cursor, bearer(other))
      },
    },
  ]
}
