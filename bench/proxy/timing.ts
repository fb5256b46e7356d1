/**
 * `npm run bench:timing`: what the time of an answer tells of what is hidden in it. One caller asks, one request after the other, for
 * records that are as long as each other and differ in how many values are masked, or in how long a hidden text is. Prints how much
 * longer an answer takes than the first of its kind, and in how many of a hundred pairs it is the later one: 50 tells nothing.
 * Exits 2 where a program is missing.
 */
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Agent, request } from 'undici'
import { freePort, LOOPBACK } from '../../test/helpers/free-port.ts'
import { startProcess } from '../../test/helpers/process.ts'
import { median } from '../mask/measure.ts'
import { startOrigin } from './origin.ts'
import { missingPrograms } from './programs.ts'

const ROOT = join(import.meta.dirname, '../..')
const ADDRESS = 'jane.doe@example.com'
const PLACES = 1_000
const TEXT_BYTES_MAX = 100_000
const WARM_UP = 200
const KEYS = 1_000_000_000

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '1000' } } })
const rounds = Number(values.rounds)

interface Case {
  readonly name: string
  readonly bytes: Buffer
}

/** Addresses in place of labels that are as long, and as many. */
function maskedCases(): Case[] {
  const label = 'x'.repeat(ADDRESS.length)
  return [0, 1, 10, 100, 1_000].map((count) => {
    const contacts = Array.from({ length: count }, () => ({ email: ADDRESS }))
    const tags = Array.from({ length: PLACES - count }, () => label)
    return { name: `${count} masked`, bytes: padded({ user: { id: 7, tags, contacts } }, 40_000) }
  })
}

function hiddenCases(): Case[] {
  return [1, 100, 1_000, 10_000, TEXT_BYTES_MAX].map((length) => {
    const user = { id: 7, notes: 'x'.repeat(length) }
    return { name: `${length} bytes hidden`, bytes: padded({ user }, TEXT_BYTES_MAX + 1_000) }
  })
}

function padded(document: object, length: number): Buffer {
  return Buffer.from(JSON.stringify(document).padEnd(length))
}

async function main(scope: AsyncDisposableStack): Promise<number> {
  const missing = missingPrograms(['nginx'])
  if (missing.length > 0) {
    console.error(`bench:timing needs ${missing.join(' and ')}`)
    return 2
  }
  const directory = mkdtempSync(join(tmpdir(), 'celosia-bench-'))
  scope.defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  const t = { teardown: (end: () => unknown) => scope.defer(async () => void (await end())) }
  const groups = [maskedCases(), hiddenCases()]
  const paths = groups.flat().map(({ bytes }, id) => [`/api/v2/users/${id}`, bytes] as const)
  const origin = await startOrigin(t, { directory, port: await freePort() }, new Map(paths))
  const port = await freePort()
  await startProcess(t, process.execPath, [join(ROOT, 'bench/audit/server.ts'), 'none'], {
    cwd: ROOT,
    env: {
      PORT: String(port),
      HELPDESK_URL: origin,
      HELPDESK_TOKEN: 'token',
      OIDC_ISSUER: 'https://idp.example.com',
    },
    ready: /listening/,
    readyTimeoutMs: 30_000,
  })
  const client = new Agent({ connections: 1 })
  scope.defer(() => client.close())
  let first = 0
  for (const group of groups) {
    const urls = group.map((_, at) => `http://${LOOPBACK}:${port}/api/v2/users/${first + at}`)
    first += group.length
    print(group, await measure(client, urls))
  }
  return 0
}

/** Microseconds of each request, case by case, in turn. */
async function measure(client: Agent, urls: readonly string[]): Promise<readonly number[][]> {
  const times = urls.map((): number[] => [])
  for (let round = -WARM_UP; round < rounds; round += 1) {
    // In another order each time: an answer is slower or faster by the one before it.
    const order = [...urls.entries()].map((entry) => ({ entry, key: randomInt(KEYS) }))
    for (const { entry } of order.toSorted((a, b) => a.key - b.key)) {
      const [at, url] = entry
      const from = process.hrtime.bigint()
      const { statusCode, body } = await request(url, {
        dispatcher: client,
        headers: { authorization: 'Bearer x' },
      })
      await body.arrayBuffer()
      if (statusCode !== 200) throw new Error(`status ${statusCode}`)
      if (round >= 0) times[at]?.push(Number(process.hrtime.bigint() - from) / 1_000)
    }
  }
  return times
}

function print(cases: readonly Case[], times: readonly number[][]): void {
  const [base = []] = times
  for (const [at, { name }] of cases.entries()) {
    const own = times[at] ?? []
    const later = own.filter((time, round) => time > (base[round] ?? 0)).length
    const more = median(own) - median(base)
    const told = `${more.toFixed(0).padStart(6)} us more, later in ${Math.round((later * 100) / own.length)} of 100`
    const middle = median(own).toFixed(0).padStart(6)
    console.log(`${name.padEnd(22)} ${middle} us${at === 0 ? '' : told}`)
  }
}

await using scope = new AsyncDisposableStack()
process.exitCode = await main(scope)
