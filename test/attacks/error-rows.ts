/** Errors of an upstream under a route that masks them: JSON is masked, anything else is replaced. */
import { gzipSync } from 'node:zlib'
import type { PolicyDocument } from '../../src/rules/policy/document.ts'
import { chunkedAnswer, cutAnswer, jsonAnswer, rawAnswer } from '../helpers/upstream-answers.ts'
import type { UpstreamAnswer } from '../helpers/upstream-answers.ts'
import type { World } from '../helpers/world.ts'
import { head } from './answer-rows.ts'
import { get, type Attack, type Outcome } from './attack-table.ts'

/** The shipped policy, whose routes mask errors, and whose errors are larger than a body may be at 4 KiB. */
export function withMaskedErrors(policy: PolicyDocument): PolicyDocument {
  return {
    ...policy,
    limits: { bodyBytesMax: 4_096 },
    routes: policy.routes.map((route) => ({
      ...route,
      errors: { plain: ['$.code'], fixture: 'none' },
    })),
  }
}

/** The rows, for a caller with this token. */
export function errorRows({ canaries }: World, token: string): Attack[] {
  const body = canaries.plant(
    '{"code":"taken","error":"{{email:user.email}} is taken","email":"{{email:user.email}}","trace":["{{text:user.notes}}"]}',
  )
  const leak = canaries.make('text', 'user.notes')
  const send = get('/api/v2/users/7', `Authorization: Bearer ${token}`)
  const error = (status: number): Outcome => ({ reason: 'upstream-error', status })
  const masked = (name: string, status: number, answer: UpstreamAnswer): Attack => ({
    id: 'C40',
    name: `${status} ${name}`,
    send,
    answer,
    expect: [{ reason: 'upstream-error', status, masked: true }],
    check: (t, exchange) => {
      t.match(exchange.body.toString(), /^\{"code":"taken","error":"\[masked\]","email":".\*\*\*@/)
      t.match(exchange.body.toString(), /"trace":\["\[masked\]"\]\}$/)
    },
  })
  const replaced = (name: string, answer: UpstreamAnswer, status: number): Attack => ({
    id: 'C40',
    name,
    send,
    answer,
    expect: [error(status)],
  })
  const withType = (type: string, text: string | Buffer, ...lines: readonly string[]) => {
    const bytes = Buffer.from(text)
    const start = head(
      '422 Oops',
      `Content-Type: ${type}`,
      ...lines,
      `Content-Length: ${bytes.length}`,
    )
    return rawAnswer(Buffer.concat([Buffer.from(start), bytes]))
  }
  const json = 'application/json'
  return [
    ...[400, 402, 403, 404, 409, 410, 422, 423, 429, 451, 500, 501, 502, 503, 504].map((status) =>
      masked('is masked', status, jsonAnswer(body, { status })),
    ),
    masked(
      'as a problem document',
      422,
      jsonAnswer(body, { status: 422, contentType: 'application/problem+json' }),
    ),
    masked('in chunks', 422, chunkedAnswer(body.match(/.{1,7}/gs) ?? [], { status: 422 })),
    masked(
      'whose phrase and headers hold data',
      422,
      rawAnswer(
        `${head(`422 ${leak}`, `Content-Type: ${json}`, `X-Error: ${leak}`, `Content-Length: ${Buffer.byteLength(body)}`)}${body}`,
      ),
    ),
    ...[401, 407, 408, 411, 421, 426, 431, 505, 511].map((status) =>
      replaced(`${status} is the gateway's own matter`, jsonAnswer(body, { status }), 502),
    ),
    replaced('an HTML page', withType('text/html', `<pre>${body}</pre>`), 422),
    replaced('text', withType('text/plain', body), 422),
    replaced(
      'no type',
      rawAnswer(`${head('422 Oops', `Content-Length: ${body.length}`)}${body}`),
      422,
    ),
    replaced('two types', withType(json, body, 'Content-Type: text/html'), 422),
    replaced('what is no JSON', withType(json, `${body}}`), 422),
    replaced('nothing', withType(json, ''), 422),
    replaced('a stack trace under a JSON type', withType(json, `Error: ${leak}\n  at x`), 422),
    replaced('larger than what is held', withType(json, `["${leak}","${'x'.repeat(5_000)}"]`), 422),
    replaced(
      'in a coding that is not listed',
      withType(json, gzipSync(body), 'Content-Encoding: gzip'),
      422,
    ),
    replaced('500 that is no JSON', jsonAnswer(leak, { status: 500 }), 502),
    {
      id: 'C40',
      name: 'an error that breaks off',
      send,
      answer: cutAnswer(jsonAnswer(body, { status: 422 })),
      expect: ['upstream-unreachable'],
    },
    {
      id: 'C40',
      name: 'an error for HEAD',
      send: Buffer.from(send.toString('latin1').replace('GET', 'HEAD'), 'latin1'),
      options: { headOnly: true },
      answer: rawAnswer(head('404 Not Found', `Content-Type: ${json}`, 'Content-Length: 50')),
      expect: [{ reason: 'upstream-error', status: 404, masked: true }],
      upstream: 1,
    },
  ]
}
