/** What is refused, with which code and where; the same for every way in which the bytes come. */
import { test } from 'tap'
import { CelosiaError } from '../../../src/core/errors.ts'
import type { Limits } from '../../../src/json/limits.ts'
import type { Program } from '../../../src/json/program-source.ts'
import {
  CAPITALS,
  programOf,
  REDACT,
  SUPPRESS,
  type Line,
} from '../../helpers/json-reference/program-of.ts'

const EMAIL: Line = { query: '$..email', edit: REDACT }

/** A document that is no JSON, and the byte at which that shows. */
const BROKEN: readonly (readonly [string, number])[] = [
  ['', 0],
  [' ', 1],
  ['{', 1],
  ['{"a"', 4],
  ['{"a":', 5],
  ['{"a":1', 6],
  ['{"a":1,', 7],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['{a:1}', 1],
  ['{1:1}', 1],
  ["{'a':1}", 1],
  ['{"a":1 "b":2}', 7],
  ['[1,]', 3],
  ['[,1]', 1],
  ['[1 2]', 3],
  ['[1}', 2],
  ['{"a":1]', 6],
  ['[1]]', 3],
  ['1 2', 2],
  ['{}{}', 2],
  ['1,', 1],
  ['01', 1],
  ['+1', 0],
  ['-', 1],
  ['-a', 1],
  ['1.', 2],
  ['1.e', 2],
  ['1e', 2],
  ['1e+', 3],
  ['.5', 0],
  ['0x1', 1],
  ['tru', 3],
  ['trve', 2],
  ['nulll', 4],
  ['NaN', 0],
  ['"a', 2],
  ['"\\x"', 1],
  ['"\\u12G4"', 5],
  ['"\n"', 1],
  ['["\u0000"]', 2],
  ['\ufeff{}', 0],
  ['/**/1', 0],
  ['[1\u000b]', 2],
  ['\u00a01', 0],
]

test('what is no JSON is refused at the byte where that shows', (t) => {
  const program = programOf({ lines: [EMAIL] })
  for (const [text, offset] of BROKEN) {
    const bytes = Buffer.from(text)
    const wanted = { code: 'ERR_JSON_SYNTAX', offset }
    t.match(refusal(program, bytes, bytes.length), wanted, JSON.stringify(text))
    t.match(refusal(program, bytes, 1), wanted, `${JSON.stringify(text)}, byte by byte`)
  }
  t.end()
})

test('what is not UTF-8 is refused, wherever the pieces end', (t) => {
  const program = programOf({ lines: [EMAIL] })
  const faults = ['ff', 'c0af', 'eda080', 'f4908080', 'e282', 'c3', '80', 'f09f98', 'e2e282ac']
  for (const hex of faults) {
    const bytes = Buffer.concat([Buffer.from('["é'), Buffer.from(hex, 'hex'), Buffer.from('"]')])
    for (const size of [1, 2, 3, 4, 5, bytes.length]) {
      t.match(refusal(program, bytes, size), { code: 'ERR_JSON_ENCODING' }, `${hex} by ${size}`)
    }
  }
  const cut = Buffer.from('"é').subarray(0, 2)
  t.match(refusal(program, cut, 1), { code: 'ERR_JSON_ENCODING' })
  t.end()
})

/** Limits, lines, the largest document that passes, and one more of the same with its code. */
const LIMITED: readonly {
  readonly limits: Partial<Limits>
  readonly lines: readonly Line[]
  readonly fits: string
  readonly refused: string
  readonly code: string
}[] = [
  {
    limits: { depthMax: 3 },
    lines: [EMAIL],
    fits: '[{"a":[]}]',
    refused: '[{"a":[[]]}]',
    code: 'ERR_JSON_DEPTH',
  },
  {
    limits: { depthMax: 3 },
    lines: [{ query: '$..[?@.a.b]', edit: REDACT }],
    fits: '[{"a":[]}]',
    refused: '[{"a":[[]]}]',
    code: 'ERR_JSON_DEPTH',
  },
  {
    limits: { depthMax: 3 },
    lines: [{ query: '$[?@.a]', edit: REDACT }],
    fits: '[{"a":[]}]',
    refused: '[{"b":[[]]}]',
    code: 'ERR_JSON_DEPTH',
  },
  {
    limits: { keyBytesMax: 4 },
    lines: [EMAIL],
    fits: '{"abcd":1}',
    refused: '{"abcde":1}',
    code: 'ERR_JSON_KEY_LENGTH',
  },
  {
    limits: { keyBytesMax: 6 },
    lines: [EMAIL],
    fits: '{"\\u0061":1}',
    refused: '{"\\u0061b":1}',
    code: 'ERR_JSON_KEY_LENGTH',
  },
  {
    limits: { numberBytesMax: 5 },
    lines: [EMAIL],
    fits: '[-1.25]',
    refused: '[-1.255]',
    code: 'ERR_JSON_NUMBER_LENGTH',
  },
  {
    limits: { stringBytesMax: 4 },
    lines: [{ query: '$.a', edit: CAPITALS }],
    fits: '{"a":"abcd","b":"abcdefgh"}',
    refused: '{"a":"abcde"}',
    code: 'ERR_JSON_STRING_LENGTH',
  },
  {
    limits: { stringBytesMax: 4 },
    lines: [{ query: '$.a', edit: REDACT }],
    fits: '{"a":"abcdefgh"}',
    refused: '{"a":',
    code: 'ERR_JSON_SYNTAX',
  },
  {
    limits: { heldBytesMax: 9 },
    lines: [{ query: '$[?@.a==1]', edit: REDACT }],
    fits: '[{"a":  1},"a string longer than that"]',
    refused: '[{"a":   1}]',
    code: 'ERR_JSON_HELD',
  },
  {
    limits: { heldBytesMax: 9 },
    lines: [{ query: '$[?@.a.b==1]', edit: REDACT }],
    fits: '[{"a": 12}]',
    refused: '[{"a": 123}]',
    code: 'ERR_JSON_HELD',
  },
  {
    limits: { heldBytesMax: 5 },
    lines: [{ query: '$.a[-1]', edit: REDACT }],
    fits: '{"a":[1,2],"b":[1,2,3,4]}',
    refused: '{"a":[1,22]}',
    code: 'ERR_JSON_HELD',
  },
  {
    limits: { heldBytesMax: 9 },
    lines: [{ query: '$[?$.b]', edit: REDACT }],
    fits: ' {"a": 12} ',
    refused: '{"a": 123}',
    code: 'ERR_JSON_HELD',
  },
  {
    limits: { heldBytesMax: 3 },
    lines: [EMAIL],
    fits: '{"a":   1}      ',
    refused: '{"a":    1}',
    code: 'ERR_JSON_HELD',
  },
  {
    limits: { filterStepsMax: 40 },
    lines: [{ query: '$[?count(@..*)>99]', edit: REDACT }],
    fits: '[[1],[2]]',
    refused: '[[1,1,1,1,1],[1,1,1,1,1],[1,1,1,1,1],[1,1,1,1,1],[1,1,1,1,1]]',
    code: 'ERR_JSON_WORK',
  },
  {
    limits: {},
    lines: [{ query: '$[?@.a==1]', edit: REDACT }],
    fits: '[{"a":1,"b":1,"b":2}]',
    refused: '[{"a":1,"b":1,"\\u0061":2}]',
    code: 'ERR_JSON_AMBIGUOUS',
  },
  {
    limits: {},
    lines: [{ query: '$[?@.a.b==1]', edit: REDACT }],
    fits: '[{"a":1,"b":1,"b":2}]',
    refused: '[{"a":{"b":1,"b":1}}]',
    code: 'ERR_JSON_AMBIGUOUS',
  },
]

test('every limit holds at its number, however the bytes come', (t) => {
  for (const { limits, lines, fits, refused, code } of LIMITED) {
    const program = programOf({ lines, limits })
    const name = `${code}: ${lines[0]?.query ?? ''}`
    for (const size of [1, 2, 3, 1_000]) {
      t.equal(refusal(program, Buffer.from(fits), size), undefined, `${name} fits by ${size}`)
      t.match(refusal(program, Buffer.from(refused), size), { code }, `${name} by ${size}`)
    }
  }
  t.end()
})

test('after a refusal the rewriter is of no more use, and nothing of the piece has left', (t) => {
  const rewriter = programOf({ lines: [EMAIL] }).start()
  t.throws(() => rewriter.push(Buffer.from('{"x":1,"email":"secret",}'), true))
  t.throws(() => rewriter.push(Buffer.from('{}'), true), { code: 'ERR_ASSERTION' })
  const done = programOf({ lines: [EMAIL] }).start()
  done.push(Buffer.from('{}'), true)
  t.throws(() => done.push(Buffer.from(' '), true), { code: 'ERR_ASSERTION' })
  t.end()
})

test('no message holds text of the document', (t) => {
  const secrets = [
    '{"secret":secret}',
    '{"secret" "secret"}',
    '["secret\\q"]',
    '[{"secret":1,"secret":2}]',
    `{"${'secret'.repeat(9)}":1}`,
  ]
  const lines = [{ query: '$[?@.secret==1]', edit: SUPPRESS }]
  const program = programOf({ lines, limits: { keyBytesMax: 20 } })
  for (const text of secrets) {
    const error = refusal(program, Buffer.from(text), text.length)
    t.ok(error instanceof CelosiaError, text)
    t.notMatch(String(error?.message), /secret/)
  }
  t.end()
})

/** What the document is refused with, in pieces of `size`; undefined where it passes. */
function refusal(program: Program, bytes: Buffer, size: number): Error | undefined {
  const rewriter = program.start()
  try {
    let at = 0
    do {
      rewriter.push(bytes.subarray(at, at + size), at + size >= bytes.length)
      at += size
    } while (at < bytes.length)
  } catch (error) {
    return error as Error
  }
  return undefined
}
