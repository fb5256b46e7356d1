/**
 * The test vectors of docs/audit-chain.md: that they are what the product writes, and that a verifier written by that page
 * alone, with nothing of the product, comes to the hashes that they name.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { auditVectors } from '../../helpers/audit-vectors.ts'

const DIRECTORY = join(import.meta.dirname, '../../fixtures/audit-chain')

interface Line {
  readonly sequence: number
  readonly previous: string
  readonly event_sha256: string
  readonly event: unknown
}

test('the vectors are what the product writes', async (t: Test) => {
  const files = await auditVectors()
  t.same(readdirSync(DIRECTORY).toSorted(), [...files.keys()].toSorted())
  for (const [name, text] of files) {
    t.equal(readFileSync(join(DIRECTORY, name), 'utf8'), text, `${name}: npm run generate`)
  }
})

test('a verifier that knows only the specification comes to the same hashes', (t: Test) => {
  const lines = readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(DIRECTORY, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as Line)
    .toSorted((a, b) => a.sequence - b.sequence)
  const hashes: unknown[] = []
  let previous = '0'.repeat(64)
  for (const [index, { event, ...envelope }] of lines.entries()) {
    t.equal(envelope.sequence, index + 1)
    t.equal(envelope.previous, previous)
    t.equal(envelope.event_sha256, sha256(canonical(event)))
    previous = sha256(canonical(envelope))
    hashes.push({ sequence: envelope.sequence, hash: previous })
  }
  const expected = JSON.parse(readFileSync(join(DIRECTORY, 'expected.json'), 'utf8')) as object
  t.match(expected, { hashes })
  t.ok(hashes.length > 5)
  t.end()
})

test('so does one of the signature, with the means of Node alone', (t: Test) => {
  const read = (name: string) => readFileSync(join(DIRECTORY, name), 'utf8')
  const { keys } = JSON.parse(read('keys.json')) as { keys: Record<string, string>[] }
  const [jwk] = keys
  const [header = '', payload = '', signature = ''] = read('anchor.jws').trim().split('.')
  t.same(JSON.parse(Buffer.from(header, 'base64url').toString()), {
    alg: 'Ed25519',
    kid: jwk?.['kid'],
    typ: 'celosia-checkpoint',
  })
  const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' })
  const signed = Buffer.from(`${header}.${payload}`)
  t.ok(verify(null, signed, key, Buffer.from(signature, 'base64url')))
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const expected = JSON.parse(read('expected.json')) as {
    writer: string
    hashes: { sequence: number; hash: string }[]
  }
  t.match(claims, { v: 1, writer: expected.writer, ended: true, ...expected.hashes.at(-2) })
  t.end()
})

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** RFC 8785 for values that JSON.parse gives. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)
  return `{${members.join(',')}}`
}
