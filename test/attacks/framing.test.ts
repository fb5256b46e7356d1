/**
 * Section B of the threat model: headers and framing. What Node's parser refuses is pinned here too, so that another
 * version of Node that takes more does not pass unseen.
 */
import { METHODS } from 'node:http'
import { test } from 'tap'
import { headerValues } from '../helpers/http-message.ts'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { sendRaw } from '../helpers/raw-client.ts'
import { jsonAnswer, rawAnswer } from '../helpers/upstream-answers.ts'
import { startWorld, type World } from '../helpers/world.ts'
import { LISTENER_LIMITS } from '../../src/proxy/listener.ts'
import { PIPELINED_MAX } from '../../src/proxy/turns.ts'
import {
  assertRefusalsCounted,
  createTally,
  get,
  rawRequest,
  runAttacks,
  summarize,
  type Attack,
} from './attack-table.ts'
import { bodyRows, connectionRows, odd, PATH, unreadableRows, upgradeRows } from './framing-rows.ts'

test('section B: one reading of a request, or none', async (t) => {
  const world = await startWorld(t)
  const agent = `Authorization: Bearer ${await world.token()}`
  const slow = slowHeaders(world)
  const rows = [
    ...connectionRows(agent),
    ...unreadableRows(agent),
    ...bodyRows(agent),
    ...upgradeRows(agent),
    ...methodRows(agent),
    ...headRows(world, agent),
    ...pipelineRows(agent),
    ...sizeRows(agent),
  ]
  const tally = await runAttacks(t, world, rows, createTally())
  await t.test('B125 headers that come a byte at a time', async (row) => {
    const { ending, answers, durationMs } = await slow
    row.equal(ending, 'peer', 'the gateway ends the connection')
    row.same(
      answers.map(({ status }) => status),
      [408],
    )
    const latestMs = LISTENER_LIMITS.headersTimeoutMs + LISTENER_LIMITS.checkIntervalMs + 2_000
    row.ok(durationMs < latestMs, `within the limit (${Math.round(durationMs)} ms)`)
  })
  tally.run += 1
  // Those headers, and the body that never came: its connection ended within a request.
  tally.refusals.set('request-unreadable', (tally.refusals.get('request-unreadable') ?? 0) + 2)
  await assertRefusalsCounted(t, world, tally)
  summarize(t, tally)
})

/** Runs beside the others, since it takes as long as the limit. */
async function slowHeaders({ gateway }: World) {
  const startedMs = performance.now()
  const drip = Array.from({ length: 60 }, (_, i) => [`X-${i}: y\r\n`, 250]).flat()
  const exchange = await sendRaw(
    gateway.port,
    ['GET /api/v2/users/1 HTTP/1.1\r\nHost: a\r\n', ...drip],
    {
      timeoutMs: 20_000,
      answers: 'until-close',
    },
  )
  return { ...exchange, durationMs: performance.now() - startedMs }
}

/** Every method that the parser knows, and none of them does anything but GET and HEAD. */
function methodRows(agent: string): Attack[] {
  const methods = METHODS.filter((method) => !['GET', 'HEAD', 'CONNECT'].includes(method))
  return [
    ...methods.flatMap((method): Attack[] => [
      {
        id: 'B24',
        name: `${method} of a known caller`,
        send: rawRequest(`${method} ${PATH} HTTP/1.1`, [
          'Host: a',
          agent,
          'X-Secret: s3cr3t-of-the-caller',
        ]),
        // There is a route, and it takes no request without a body.
        expect: [method === 'PUT' ? 'body-malformed' : 'route-unlisted'],
        check: (t, { bytes }) => void t.notMatch(bytes.toString(), /s3cr3t/, 'nothing is echoed'),
      },
      {
        id: 'B24',
        name: `${method} of nobody`,
        send: rawRequest(`${method} ${PATH} HTTP/1.1`, ['Host: a']),
        expect: ['token-missing'],
        closed: true,
      },
    ]),
    {
      id: 'B24',
      name: 'OPTIONS *',
      send: rawRequest('OPTIONS * HTTP/1.1', ['Host: a', agent]),
      expect: ['target-malformed'],
      closed: true,
    },
    ...['127.0.0.1:6379', 'evil.example:443'].map((authority): Attack => ({
      id: 'B24',
      name: `CONNECT ${authority}`,
      send: rawRequest(`CONNECT ${authority} HTTP/1.1`, [`Host: ${authority}`, agent]),
      expect: [],
      closed: true,
    })),
  ]
}

/** HEAD is GET without content: it takes the same way, and tells nothing that GET would have hidden. */
function headRows({ upstream, canaries }: World, agent: string): Attack[] {
  const head = (target: string, ...lines: readonly string[]) =>
    rawRequest(`HEAD ${target} HTTP/1.1`, ['Host: a', ...lines])
  const bare: Attack['check'] = (t, { body, headers }) => {
    t.equal(body.length, 0, 'there is no content')
    t.same(headerValues(headers, 'content-length'), [], 'nor its length')
    t.same(headerValues(headers, 'celosia-masked'), [], 'nor what would be masked in it')
    t.same(
      upstream.requests.map(({ method }) => method),
      ['HEAD'],
    )
  }
  const withBody = jsonAnswer(userBody(canaries))
  return [
    {
      id: 'B24',
      name: 'HEAD of a known caller',
      send: head(PATH, agent),
      expect: ['permit'],
      check: bare,
    },
    {
      id: 'B24',
      name: 'HEAD of nobody',
      send: head(PATH),
      expect: ['token-missing'],
      closed: true,
    },
    {
      id: 'B24',
      name: 'HEAD of a route that is not listed',
      send: head('/api/v2/exports', agent),
      expect: ['route-unlisted'],
    },
    {
      id: 'B24',
      name: 'HEAD with a parameter that is not declared',
      send: head(`${PATH}?fields=email`, agent),
      expect: ['parameter-undeclared'],
    },
    {
      id: 'B24',
      name: 'HEAD with a body',
      send: rawRequest(`HEAD ${PATH} HTTP/1.1`, ['Host: a', agent, 'Content-Length: 2'], 'hi'),
      expect: ['body-unexpected'],
    },
    {
      id: 'B24',
      name: 'HEAD of what is no JSON',
      send: head(PATH, agent),
      answer: rawAnswer('HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: 9\r\n\r\n'),
      expect: ['upstream-type-refused'],
    },
    {
      id: 'B24',
      name: 'HEAD of a record that is not there',
      send: head(PATH, agent),
      answer: rawAnswer('HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\n'),
      expect: [{ reason: 'upstream-error', status: 404 }],
    },
    {
      id: 'B24',
      name: 'HEAD that the upstream answers with content all the same',
      send: head(PATH, agent),
      answer: withBody,
      expect: ['permit'],
      check: bare,
    },
  ]
}

function pipelineRows(agent: string): Attack[] {
  const good = get(PATH, agent)
  const nobody = get(PATH)
  return [
    {
      id: 'B25',
      name: 'two good ones',
      send: Buffer.concat([good, good]),
      expect: ['permit', 'permit'],
    },
    {
      id: 'B25',
      name: 'a 401, then a good one on a connection that is over',
      send: Buffer.concat([nobody, good]),
      expect: ['token-missing'],
      closed: true,
    },
    {
      id: 'B25',
      name: 'a good one, then nobody: the token is not remembered',
      send: Buffer.concat([good, nobody]),
      expect: ['permit', 'token-missing'],
      closed: true,
    },
    {
      id: 'B25',
      name: 'a good one after a 404 on the same connection',
      send: Buffer.concat([get('/nowhere', agent), good]),
      expect: ['route-unlisted', 'permit'],
    },
    {
      id: 'B25',
      name: 'a body error, then a good one',
      send: Buffer.concat([
        rawRequest(`POST ${PATH} HTTP/1.1`, ['Host: a', 'Transfer-Encoding: chunked'], 'zz\r\n'),
        good,
      ]),
      expect: ['token-missing'],
      closed: true,
    },
    {
      id: 'B25',
      name: 'empty lines before a request (RFC 9112 2.2)',
      send: Buffer.concat([Buffer.from('\r\n\r\n'), good]),
      expect: ['permit'],
    },
    {
      id: 'B25',
      name: 'a good one, then noise: the answer that is due still comes',
      send: Buffer.concat([good, Buffer.from('\0\0\r\n\r\n')]),
      expect: ['permit'],
      closed: true,
    },
    {
      id: 'B25',
      name: 'as many as may wait, and no more',
      send: Buffer.concat(Array.from({ length: PIPELINED_MAX + 1 }, () => good)),
      expect: Array.from({ length: PIPELINED_MAX + 1 }, () => 'permit'),
    },
    { id: 'B25', name: 'a byte at a time', send: bytewise(good), expect: ['permit'] },
  ]
}

function sizeRows(agent: string): Attack[] {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: y`)
  const { headerBytesMax, headersCountMax } = LISTENER_LIMITS
  return [
    {
      id: 'B125',
      name: 'as many headers as allowed',
      // Host and Authorization are two of them.
      send: get(PATH, agent, ...many(headersCountMax - 2)),
      expect: ['permit'],
    },
    odd('B125', 'one header more', get(PATH, agent, ...many(headersCountMax - 1)), 431),
    odd(
      'B125',
      'the token behind too many headers',
      get(PATH, ...many(headersCountMax), agent),
      431,
    ),
    odd(
      'B125',
      'a second token behind too many headers',
      get(PATH, agent, ...many(headersCountMax + 60), agent),
      431,
    ),
    odd(
      'B125',
      'an upgrade behind too many headers',
      get(PATH, agent, ...many(headersCountMax), 'Upgrade: h2c'),
      431,
    ),
    odd(
      'B125',
      'headers beyond the size',
      get(PATH, agent, `X: ${'y'.repeat(headerBytesMax)}`),
      431,
    ),
    odd('B125', 'a target beyond the size', get(`/${'y'.repeat(headerBytesMax)}`, agent), 431),
    odd(
      'B125',
      'a header name beyond the size',
      get(PATH, agent, `${'y'.repeat(headerBytesMax)}: x`),
      431,
    ),
    odd(
      'B125',
      'one token beyond its size',
      get(PATH, `Authorization: Bearer ${'y'.repeat(8_193)}`),
      'token-invalid',
    ),
  ]
}

function bytewise(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from([byte]))
}
