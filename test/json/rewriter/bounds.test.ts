/** Time and memory stay in proportion to the input, whatever it is and however it comes. */
import { test } from 'tap'
import type { Program } from '../../../src/json/program-source.ts'
import { CAPITALS, programOf, REDACT } from '../../helpers/json-reference/program-of.ts'

const MIB = 1_048_576
const EMAIL = { query: '$..email', edit: REDACT }
const MASKED = { query: '$[*].email', edit: CAPITALS, counters: [0] }

test('200 MB in pieces of 64 KB take a bounded amount of memory', { timeout: 120_000 }, (t) => {
  const record = Buffer.from(
    `{"id":1,"email":"a@b.example","note":"${'words '.repeat(20)}","tags":["a","b"]},`,
  )
  const piece = Buffer.concat(
    Array.from({ length: Math.floor(65_536 / record.length) }, () => record),
  )
  const program = programOf({ lines: [MASKED], scopes: [{ at: '$[*]', id: '@.id' }] })
  const rewriter = program.start()
  rewriter.push(Buffer.from('['), false)
  let leaving = 0
  const samples: number[] = []
  const pieces = Math.ceil((200 * MIB) / piece.length)
  for (let at = 0; at < pieces; at += 1) {
    // Cut at an odd place, so that something is always kept.
    const pushed = rewriter.push(at === 0 ? piece.subarray(0, -5) : rotated(piece), false)
    leaving += pushed.kind === 'bytes' ? pushed.bytes.length : 0
    if (at % 10 === 0) samples.push(inUse())
  }
  rewriter.push(Buffer.concat([piece.subarray(-5), Buffer.from('{}]')]), true)
  t.ok(leaving > 199 * MIB, `${leaving} bytes left`)
  // The least of many samples is what stays when garbage has been collected.
  const quarter = samples.length >> 2
  const grown =
    Math.min(...samples.slice(-quarter)) - Math.min(...samples.slice(quarter, 2 * quarter))
  t.ok(grown < 10 * MIB, `memory grew by ${(grown / MIB).toFixed(1)} MiB`)
  t.equal(rewriter.exposures().subjects.length, 1)
  t.end()
})

/** The last five bytes of a piece and all of the next one but these. */
function rotated(piece: Buffer): Buffer {
  return Buffer.concat([piece.subarray(-5), piece.subarray(0, -5)])
}

function inUse(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('a string that no query edits is not held, however long', (t) => {
  const program = programOf({ lines: [EMAIL], limits: { stringBytesMax: 100, heldBytesMax: 100 } })
  for (const name of ['note', 'email']) {
    const rewriter = program.start()
    let pending = rewriter.push(Buffer.from(`{"${name}":"x`), false)
    let kept = 0
    let total = 0
    const piece = Buffer.from(`${'text that goes on and on. '.repeat(2_000)}\\u00e9`)
    for (let at = 0; at < 200; at += 1) {
      total += piece.length
      pending = rewriter.push(piece, false)
      kept += piece.length - (pending.kind === 'bytes' ? pending.bytes.length : 0)
      if (name === 'note') t.ok(kept < 10)
    }
    if (name === 'email') t.equal(kept, total, 'of one that is replaced nothing leaves')
    pending = rewriter.push(Buffer.from('"}'), true)
    t.equal(pending.kind === 'bytes' && pending.bytes.toString(), name === 'note' ? '"}' : '}')
  }
  t.end()
})

/** Inputs on which work that is done twice for each piece or level would never end. */
const PROPORTIONAL: readonly (readonly [string, Program, () => Buffer, number])[] = [
  [
    'a string to be edited, in tiny pieces',
    programOf({ lines: [{ query: '$', edit: CAPITALS }] }),
    () => Buffer.from(`"${'x'.repeat(2 * MIB)}"`),
    16,
  ],
  [
    'a candidate that is held, in tiny pieces',
    programOf({ lines: [{ query: '$[?@.a==1]', edit: REDACT }] }),
    () => Buffer.from(`[{"b":[${'1,'.repeat(MIB)}1],"a":1}]`),
    16,
  ],
  [
    'white space within a member, in tiny pieces',
    programOf({ lines: [EMAIL] }),
    () => Buffer.from(`{"a":${' '.repeat(2 * MIB)}1}`),
    16,
  ],
  [
    'white space between members, byte by byte',
    programOf({ lines: [EMAIL] }),
    () => Buffer.from(`{"a":1${' '.repeat(MIB)}}`),
    1,
  ],
  [
    'candidates in candidates, simple filter',
    programOf({ lines: [{ query: "$..[?@.a=='x']", edit: REDACT }] }),
    () => nested(500, `"b":"${'y'.repeat(4_000)}"`),
    65_536,
  ],
  [
    'candidates in candidates, filter of depth two',
    programOf({ lines: [{ query: "$..[?@.a.c=='x']", edit: REDACT }] }),
    () => nested(500, `"b":"${'y'.repeat(4_000)}"`),
    65_536,
  ],
  [
    'arrays in arrays, counted from the end',
    programOf({ lines: [{ query: '$..[-2]', edit: REDACT }] }),
    () => Buffer.from(`${'[0,'.repeat(500)}[${'1,'.repeat(500_000)}1]${']'.repeat(500)}`),
    65_536,
  ],
]

test('time is in proportion to the input', { timeout: 60_000 }, (t) => {
  for (const [what, program, make, size] of PROPORTIONAL) {
    const bytes = make()
    const rewriter = program.start()
    const before = process.cpuUsage()
    for (let at = 0; at < bytes.length; at += size) {
      rewriter.push(bytes.subarray(at, at + size), at + size >= bytes.length)
    }
    const { user, system } = process.cpuUsage(before)
    t.ok((user + system) / 1_000 < 4_000, `${what}: ${Math.round((user + system) / 1_000)} ms`)
  }
  t.end()
})

/** Objects one in the other, each with a member beside. */
function nested(depth: number, member: string): Buffer {
  return Buffer.from(`${`{${member},"in":`.repeat(depth)}1${'}'.repeat(depth)}`)
}
