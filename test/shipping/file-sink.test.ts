/** What is special to the sink of a file: its mode, its turning over, and what it makes of what it finds. */
import {
  appendFile,
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { Payload, Sink } from '../../src/shipping/sink.ts'
import { createFileSink } from '../../src/shipping/sinks/file-sink.ts'

const never = new AbortController().signal

test('a file is for its owner only; one that is there keeps its mode, and what is in it', async (t) => {
  const { path, sink } = await make(t)
  await sink().deliver(payloads(2), never)
  t.equal((await stat(path)).mode & 0o777, 0o600)
  await chmod(path, 0o640)
  await sink().deliver(payloads(2, 2), never)
  t.equal((await stat(path)).mode & 0o777, 0o640, 'the operator has opened it to a group')
  t.same(await linesOf(path), ['0', '1', '2', '3'])
})

test('it is turned over at its size, and the oldest goes', async (t) => {
  const { directory, path, sink } = await make(t)
  const one = sink({ rotateBytes: 1_000, keep: 2 })
  for (let i = 0; i < 12; i += 1) await one.deliver([payload(i, 400)], never)
  t.same((await readdir(directory)).toSorted(), ['audit.jsonl', 'audit.jsonl.1', 'audit.jsonl.2'])
  const kept = [
    ...(await linesOf(`${path}.2`)),
    ...(await linesOf(`${path}.1`)),
    ...(await linesOf(path)),
  ]
  const numbers = kept.map((line) => Number(line.split(' ')[0]))
  t.same(
    numbers,
    Array.from({ length: numbers.length }, (_, i) => 12 - numbers.length + i),
    'without a gap',
  )
  t.ok(numbers.length >= 6)
  for (const name of await readdir(directory)) {
    t.equal((await stat(join(directory, name))).mode & 0o777, 0o600, name)
  }
})

test('with none to keep, a file that is full is begun anew', async (t) => {
  const { directory, path, sink } = await make(t)
  const one = sink({ rotateBytes: 1_000, keep: 0 })
  for (let i = 0; i < 5; i += 1) await one.deliver([payload(i, 600)], never)
  t.same(await readdir(directory), ['audit.jsonl'])
  t.ok((await stat(path)).size < 2_000)
})

test('a line that was torn by a crash ends before the next record begins', async (t) => {
  const { path, sink } = await make(t)
  await writeFile(path, '{"whole":1}\n{"torn":')
  await sink().deliver(payloads(1), never)
  t.same(await linesOf(path), ['{"whole":1}', '{"torn":', '0'])
})

test('a file that somebody has moved or removed is begun anew', async (t) => {
  const { path, sink } = await make(t)
  const one = sink()
  await one.deliver(payloads(1), never)
  await rename(path, `${path}.moved`)
  await one.deliver(payloads(1, 1), never)
  t.same(await linesOf(path), ['1'])
  t.same(await linesOf(`${path}.moved`), ['0'])
  await rm(path)
  await one.deliver(payloads(1, 2), never)
  t.same(await linesOf(path), ['2'])
})

test('a link in place of the file leads nowhere', async (t) => {
  const { directory, path, sink } = await make(t)
  const elsewhere = join(directory, 'elsewhere')
  await appendFile(elsewhere, '')
  await symlink(elsewhere, path)
  await t.rejects(sink().deliver(payloads(1), never), { kind: 'misconfigured', message: /ELOOP/ })
  t.equal(await readFile(elsewhere, 'utf8'), '')
})

async function make(t: Test) {
  const directory = await mkdtemp(join(tmpdir(), 'celosia-file-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'audit.jsonl')
  const sink = (options: { rotateBytes?: number; keep?: number } = {}): Sink => {
    const made = createFileSink({
      path,
      rotateBytes: 1_000_000,
      keep: 3,
      format: 'ocsf',
      productVersion: '0.1.0',
      recordBytesMax: 65_536,
      ...options,
    })
    t.teardown(() => made.close())
    return made
  }
  return { directory, path, sink }
}

function payload(number: number, padding = 0): Payload {
  return {
    id: String(number),
    text: padding === 0 ? String(number) : `${number} ${'x'.repeat(padding)}`,
  }
}

function payloads(many: number, from = 0): readonly Payload[] {
  return Array.from({ length: many }, (_, i) => payload(from + i))
}

async function linesOf(path: string): Promise<readonly string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1)
}
