/** A record says how the token of its caller came. */
import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import { userBody } from '../helpers/helpdesk-answers.ts'
import { makeKey } from '../helpers/keys.ts'
import { boundTo, makeProof } from '../helpers/proofs.ts'
import { sendRaw } from '../helpers/raw-client.ts'
import { jsonAnswer } from '../helpers/upstream-answers.ts'
import { startWorld } from '../helpers/world.ts'

const DESK = 'https://desk.example.com'
const GATEWAY = 'https://gateway.example.com'
const PATH = '/api/v2/users/7'

test('each way to bring a token is on record', async (t) => {
  const world = await startWorld(t, {
    env: { CELOSIA_CURSOR_KEY: randomBytes(32).toString('base64') },
    change: (policy) => ({
      ...policy,
      keys: { ...policy.keys, cursor: { version: 1, env: 'CELOSIA_CURSOR_KEY' } },
      identity: {
        ...policy.identity,
        dpop: { origins: [GATEWAY] },
        cookie: { name: '__Host-access', origins: [DESK] },
        tokenHeader: { name: 'x-token', networks: ['127.0.0.0/8'], origins: [DESK] },
      },
    }),
  })
  const { gateway, upstream, canaries } = world
  upstream.answer(jsonAnswer(userBody(canaries)))
  const token = await world.token()
  const key = await makeKey('ES256')
  const bound = await world.token({ claims: await boundTo(key) })
  const proof = await makeProof({ key, token: bound, url: `${GATEWAY}${PATH}` })
  const ways: readonly (readonly [
    transport: string,
    lines: readonly string[],
    proxy?: string[],
  ])[] = [
    ['bearer', [`Authorization: Bearer ${token}`]],
    ['dpop', [`Authorization: DPoP ${bound}`, `DPoP: ${proof}`]],
    ['cookie', [`Cookie: __Host-access=${token}`, 'Sec-Fetch-Site: same-origin']],
    ['cookie', [`Cookie: __Host-access=${token}`, 'Sec-Fetch-Site: cross-site']],
    ['header', [`X-Token: ${token}`, 'Sec-Fetch-Site: same-origin'], ['network']],
  ]
  for (const [transport, lines] of ways) {
    const head = [`GET ${PATH} HTTP/1.1`, 'Host: gateway', 'Connection: close', ...lines]
    const { answers } = await sendRaw(gateway.port, `${head.join('\r\n')}\r\n\r\n`)
    const refused = lines.some((line) => line.endsWith('cross-site'))
    t.equal(answers[0]?.status, refused ? 403 : 200, transport)
  }
  const accesses = (await gateway.records()).filter((event) => event['class_uid'] === 6003)
  t.same(
    accesses.map((event) => {
      const { celosia } = event['unmapped'] as { celosia: { transport: string; proxy?: string[] } }
      return [celosia.transport, celosia.proxy]
    }),
    ways.map(([transport, , proxy]) => [transport, proxy]),
  )
})
