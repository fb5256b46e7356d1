/** Redirects, links in headers and links in bodies: to the gateway, or nowhere. */
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { headerValues } from '../helpers/http-message.ts'
import { jsonAnswer, rawAnswer } from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import { head, STATUS_REFUSED } from './answer-rows.ts'
import { get, rawRequest, type Attack, type Outcome } from './attack-table.ts'
import { bearer, USER } from './token-rows.ts'

/** Where callers of these rows find the gateway, and a name under which the upstream knows itself. */
export const GATEWAY = 'https://gateway.example'
const DESK = 'https://desk.example'

/** The shipped policy, whose routes lead links to the gateway. */
export function withLinks(policy: PolicyDocument): PolicyDocument {
  const [route] = policy.routes
  if (route === undefined) throw new Error('the shipped policy has routes')
  return {
    ...policy,
    publicUrl: GATEWAY,
    upstreams: Object.fromEntries(
      Object.entries(policy.upstreams).map(([name, one]) => [name, { ...one, origins: [DESK] }]),
    ),
    routes: [
      ...policy.routes.map((one) => ({
        ...one,
        links: '$..url',
        redirects: 'rewrite' as const,
        linkRelations: ['next', 'prev'],
        fixture: 'none',
      })),
      {
        match: 'POST /api/v2/lookups',
        upstream: route.upstream,
        effect: 'read',
        body: { types: ['application/json'], plain: ['$.id'], fixture: 'none' },
        redirects: 'rewrite',
      },
      { match: 'GET /api/v2/still', upstream: route.upstream },
    ],
  }
}

const REFUSED: Outcome = 'upstream-redirect-refused'

/** The rows, for a caller with this token. */
export function linkRows({ canaries, upstream }: World, token: string): Attack[] {
  const leak = canaries.make('text', 'link.leak')
  const email = canaries.make('email', 'user.email')
  const redirect = (status: number, ...lines: readonly string[]) =>
    rawAnswer(`${head(`${status} Go`, ...lines, `Content-Length: ${leak.length}`)}${leak}`)
  const led = (name: string, status: number, location: string, to: string): Attack => ({
    id: 'G81',
    name: `${status} ${name}`,
    send: get(USER, bearer(token)),
    answer: redirect(status, `Location: ${location}`, 'Content-Type: text/html', 'Set-Cookie: a=b'),
    expect: [{ reason: 'role-permits', status }],
    headers: ['location'],
    check: (t, { headers, body }) => {
      t.same(headerValues(headers, 'location'), [to])
      t.equal(body.length, 0, 'no page comes with it')
    },
  })
  const refused = (name: string, status: number, ...lines: readonly string[]): Attack => ({
    id: 'G81',
    name: `${status} ${name}`,
    send: get(USER, bearer(token)),
    answer: redirect(status, ...lines),
    expect: [REFUSED],
  })
  const elsewhere = [
    `https://evil.example/api/v2/users/7`,
    `${DESK}@evil.example/api/v2/users/7`,
    `${DESK}/api/v2/users/${leak}`,
    `${DESK}/api/v2/users/7?email=${email}`,
    `${DESK}/agent/users/7`,
    `${DESK}/login?return_to=%2Fapi%2Fv2%2Fusers%2F7`,
    'users/8',
    '?page=2',
    '//evil.example/',
    '',
  ]
  const to = `${GATEWAY}/api/v2/users/8`
  const post = (status: number, expect: Outcome, location: string): Attack => ({
    id: 'G81',
    name: `${status} after a POST`,
    send: rawRequest(
      'POST /api/v2/lookups HTTP/1.1',
      ['Host: a', bearer(token), 'Content-Type: application/json', 'Content-Length: 8'],
      '{"id":7}',
    ),
    answer: redirect(status, `Location: ${location}`),
    expect: [expect],
    headers: ['location'],
  })
  const passed = (status: number): Outcome => ({ reason: 'role-permits', status })
  return [
    ...[301, 302, 303, 307, 308].flatMap((status) => [
      led('to a route of the gateway', status, `${DESK}/api/v2/users/8`, to),
      led('by a path', status, '/api/v2/users/8', '/api/v2/users/8'),
      led('with a fragment', status, `${DESK}/api/v2/users/8#${leak}`, to),
      refused('elsewhere', status, 'Location: https://evil.example/'),
      refused('without a place', status),
      refused(
        'with two places',
        status,
        `Location: ${DESK}/api/v2/users/8`,
        `Location: ${DESK}/api/v2/users/9`,
      ),
    ]),
    led('to the address that it is reached by', 302, `${upstream.url}/api/v2/users/8`, to),
    ...elsewhere.map((location) => ({
      ...refused('elsewhere', 302, `Location: ${location}`),
      name: `302 to ${location.replace(leak, 'c').replace(email, 'c') || 'nothing'}`,
    })),
    post(303, passed(303), `${DESK}/api/v2/users/8`),
    post(301, REFUSED, `${DESK}/api/v2/users/8`),
    post(302, { reason: 'upstream-redirect-refused', status: 502 }, `${DESK}/api/v2/lookups`),
    { ...post(307, passed(307), `${DESK}/api/v2/lookups`) },
    { ...post(308, REFUSED, `${DESK}/api/v2/users/8`) },
    ...[300, 304, 305, 306].map((status): Attack => ({
      id: 'G81',
      name: `${status} is no redirect`,
      send: get(USER, bearer(token)),
      answer: redirect(status, `Location: ${DESK}/api/v2/users/8`),
      expect: [STATUS_REFUSED],
    })),
    {
      id: 'G81',
      name: 'a route that leads no redirect on',
      send: get('/api/v2/still', bearer(token)),
      answer: redirect(302, `Location: ${DESK}/api/v2/users/8`),
      expect: [REFUSED],
    },
    {
      id: 'G81',
      name: 'the address of what was created',
      send: get(USER, bearer(token)),
      answer: jsonAnswer(userBody(canaries), {
        status: 201,
        headers: [['Location', `${DESK}/api/v2/users/8`]],
      }),
      expect: [{ reason: 'role-permits', status: 201 }],
      headers: ['location'],
      check: (t, { headers }) => void t.same(headerValues(headers, 'location'), [to]),
    },
    {
      id: 'G81',
      name: 'the address of what was created elsewhere',
      send: get(USER, bearer(token)),
      answer: jsonAnswer(userBody(canaries), {
        status: 201,
        headers: [['Location', `https://evil.example/${leak}`]],
      }),
      expect: [{ reason: 'role-permits', status: 201 }],
    },
    ...linkHeaderRows(token, { body: userBody(canaries), leak }),
    {
      id: 'G81',
      name: 'links in a body',
      send: get(USER, bearer(token)),
      answer: jsonAnswer(
        `{"user":{"url":"${DESK}/api/v2/users/7","a":{"url":"https://evil.example/${leak}"},"b":{"url":"${DESK}/api/v2/users/7?email=${email}"}}}`,
      ),
      expect: ['permit'],
      check: (t, { body }) =>
        void t.equal(
          body.toString(),
          `{"user":{"url":"${GATEWAY}/api/v2/users/7","a":{"url":"[masked]"},"b":{"url":"[masked]"}}}`,
        ),
    },
  ]
}

function linkHeaderRows(
  token: string,
  { body, leak }: { readonly body: string; readonly leak: string },
): Attack[] {
  const next = `<${DESK}/api/v2/users?page=2>; rel="next"`
  const led = `<${GATEWAY}/api/v2/users?page=2>; rel="next"`
  const row = (name: string, values: readonly string[], expected: readonly string[]): Attack => ({
    id: 'G81',
    name: `Link: ${name}`,
    send: get(USER, bearer(token)),
    answer: jsonAnswer(body, { headers: values.map((value) => ['Link', value] as const) }),
    expect: ['permit'],
    headers: ['link'],
    check: (t, { headers }) => void t.same(headerValues(headers, 'link'), expected),
  })
  return [
    row('led', [next], [led]),
    row('with a title', [`${next}; title="${leak}"`], [led]),
    row('without quotes', [next.replaceAll('"', '')], [led]),
    row(
      'several',
      [`${next}, <${DESK}/api/v2/users?page=1>; rel=prev`],
      [`${led}, <${GATEWAY}/api/v2/users?page=1>; rel="prev"`],
    ),
    row(
      'in two headers',
      [next, `<${DESK}/api/v2/users?page=1>; rel="prev"`],
      [`${led}, <${GATEWAY}/api/v2/users?page=1>; rel="prev"`],
    ),
    row('of a relation that is not listed', [next.replace('next', 'author')], []),
    row('of two relations', [next.replace('next', 'next prev')], []),
    row('with two rels', [`${next}; rel="prev"`], []),
    row('elsewhere', [`<https://evil.example/${leak}>; rel="next"`], []),
    row('that is none', [leak], []),
    row('whose target has a bracket', [`<${DESK}/api/v2/users>${leak}>; rel="next"`], []),
    row('without end', [`<${DESK}/api/v2/users?page=2; rel="next"`], []),
    row('too many', [Array.from({ length: 30 }, () => next).join(', ')], []),
  ]
}
