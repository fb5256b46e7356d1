/** Cookies of an upstream: none reaches a caller, with whatever answer it comes, and none of a caller goes on. */
import { userBody } from '../helpers/helpdesk-answers.ts'
import { headerValues } from '../helpers/http-message.ts'
import { chunkedAnswer, jsonAnswer } from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import { get, type Attack } from './attack-table.ts'
import { bearer, USER } from './token-rows.ts'

type Headers = readonly (readonly [string, string])[]

/** G81. The table holds each answer against the headers that answers may have. */
export function cookieRows({ canaries, upstream }: World, token: string): Attack[] {
  const leak = canaries.make('text', 'cookie.leak')
  const send = get(USER, bearer(token))
  const session: Headers = [['Set-Cookie', `_session=${leak}; Path=/; Secure; HttpOnly`]]
  const body = userBody(canaries)
  const row = (name: string, answer: Buffer, more: Partial<Attack> = {}): Attack => ({
    id: 'G81',
    name: `cookie: ${name}`,
    send,
    answer,
    expect: ['permit'],
    headers: ['etag'],
    mayBeCached: true,
    check: (t, { headers }) => {
      t.same(headerValues(headers, 'set-cookie'), [])
      t.same(headerValues(headers, 'set-cookie2'), [])
    },
    ...more,
  })
  const forms: readonly (readonly [name: string, headers: Headers])[] = [
    ['a session', session],
    ['a language', [['Set-Cookie', 'locale=en']]],
    ['for the host of the gateway', [['Set-Cookie', 'a=b; Domain=127.0.0.1; SameSite=None']]],
    [
      'a token in place of the caller’s',
      [['Set-Cookie', `__Host-access=${token}; Path=/; Secure`]],
    ],
    ['two', [...session, ['set-cookie', 'locale=en']]],
    ['of the older kind', [['Set-Cookie2', 'locale=en; Version=1']]],
    ['one that ends another', [['Set-Cookie', '__Host-access=; Max-Age=0; Path=/; Secure']]],
  ]
  return [
    ...forms.map(([name, headers]) => row(name, jsonAnswer(body, { headers }))),
    row('with what is created', jsonAnswer(body, { status: 201, headers: session }), {
      expect: [{ reason: 'role-permits', status: 201 }],
    }),
    row('with an error', jsonAnswer('{}', { status: 404, headers: session }), {
      expect: [{ reason: 'upstream-error', status: 404 }],
    }),
    row('with what is refused', jsonAnswer('{', { headers: session }), {
      expect: ['upstream-body-refused'],
    }),
    row(
      'in the trailer',
      Buffer.from(
        chunkedAnswer([body])
          .toString('latin1')
          .replace(/\r\n\r\n$/, `\r\nSet-Cookie: _session=${leak}\r\n\r\n`),
        'latin1',
      ),
    ),
    row('of the caller', jsonAnswer(body), {
      send: get(USER, bearer(token), 'Cookie: _session=caller; locale=en'),
      check: (t) => {
        t.equal(upstream.requests.length, 1)
        t.same(headerValues(upstream.requests[0]?.headers ?? [], 'cookie'), [])
      },
    }),
  ]
}
