/** JSONTestSuite: what every parser must take leaves byte for byte, what none may take is refused, the rest is decided. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { CelosiaError } from '../../src/core/errors.ts'
import { programOf, REDACT } from '../helpers/json-reference/program-of.ts'
import { runProgram, type Ran } from '../helpers/json-reference/run-case.ts'

const SUITE = new URL('../../../shared/data/json-test-suite/', import.meta.url)
const CANARY = 'canary-5e1f0c'

/** A number is checked for its form and never computed: its text leaves as it came. */
const BY_FORM = ['taken', 'numbers are not computed'] as const
/** RFC 8259 8.2 lets `\ud800` stand alone; what is not touched is not mended. */
const LONE = ['taken', 'lone surrogates are escapes like others'] as const
const NOT_UTF8 = ['ERR_JSON_ENCODING', 'RFC 8259 8.1: UTF-8, and nothing else'] as const

/** The files whose verdict the suite leaves open: ours, with its reason. Frozen: a change here is a change of behaviour. */
const VERDICTS: Readonly<Record<string, readonly [verdict: string, reason: string]>> = {
  'i_number_double_huge_neg_exp.json': BY_FORM,
  'i_number_huge_exp.json': BY_FORM,
  'i_number_neg_int_huge_exp.json': BY_FORM,
  'i_number_pos_double_huge_exp.json': BY_FORM,
  'i_number_real_neg_overflow.json': BY_FORM,
  'i_number_real_pos_overflow.json': BY_FORM,
  'i_number_real_underflow.json': BY_FORM,
  'i_number_too_big_neg_int.json': BY_FORM,
  'i_number_too_big_pos_int.json': BY_FORM,
  'i_number_very_big_negative_int.json': BY_FORM,
  'i_object_key_lone_2nd_surrogate.json': LONE,
  'i_string_1st_surrogate_but_2nd_missing.json': LONE,
  'i_string_1st_valid_surrogate_2nd_invalid.json': LONE,
  'i_string_UTF-16LE_with_BOM.json': NOT_UTF8,
  'i_string_UTF-8_invalid_sequence.json': NOT_UTF8,
  'i_string_UTF8_surrogate_U+D800.json': NOT_UTF8,
  'i_string_incomplete_surrogate_and_escape_valid.json': LONE,
  'i_string_incomplete_surrogate_pair.json': LONE,
  'i_string_incomplete_surrogates_escape_valid.json': LONE,
  'i_string_invalid_lonely_surrogate.json': LONE,
  'i_string_invalid_surrogate.json': LONE,
  'i_string_invalid_utf-8.json': NOT_UTF8,
  'i_string_inverted_surrogates_U+1D11E.json': LONE,
  'i_string_iso_latin_1.json': NOT_UTF8,
  'i_string_lone_second_surrogate.json': LONE,
  'i_string_lone_utf8_continuation_byte.json': NOT_UTF8,
  'i_string_not_in_unicode_range.json': NOT_UTF8,
  'i_string_overlong_sequence_2_bytes.json': NOT_UTF8,
  'i_string_overlong_sequence_6_bytes.json': NOT_UTF8,
  'i_string_overlong_sequence_6_bytes_null.json': NOT_UTF8,
  'i_string_truncated-utf-8.json': NOT_UTF8,
  'i_string_utf16BE_no_BOM.json': NOT_UTF8,
  'i_string_utf16LE_no_BOM.json': NOT_UTF8,
  'i_structure_500_nested_arrays.json': ['taken', 'within the default depth of 512'],
  'i_structure_UTF-8_BOM_empty_object.json': [
    'ERR_JSON_SYNTAX',
    'RFC 8259 8.1: no byte order mark',
  ],
}

const program = programOf({ lines: [{ query: '$.email', edit: REDACT }] })
const skip = existsSync(SUITE) ? false : `the suite is not at ${SUITE.pathname}`

test('JSONTestSuite, every file of test_parsing', { skip }, (t) => {
  const files = filesOf('test_parsing')
  const passed = { y: 0, n: 0, i: 0 }
  for (const [name, bytes] of files) {
    if (name.startsWith('y_')) passed.y += t.ok(isTaken(bytes), name) ? 1 : 0
    else if (name.startsWith('n_')) passed.n += t.ok(isRefused(bytes), name) ? 1 : 0
    else passed.i += t.ok(isAsDecided(name, bytes), name) ? 1 : 0
  }
  t.same(passed, { y: 95, n: 188, i: Object.keys(VERDICTS).length })
  t.comment(`json-test-suite: y ${passed.y}/95 n ${passed.n}/188 i ${passed.i}/35`)
  t.end()
})

test('JSONTestSuite, test_transform: what JSON parsers change leaves as it came', { skip }, (t) => {
  const files = filesOf('test_transform')
  t.equal(files.length, 22)
  for (const [name, bytes] of files) {
    const wanted = /^string_\d_invalid/.test(name) ? 'ERR_JSON_ENCODING' : 'taken'
    t.equal(verdictOn(bytes), wanted, name)
  }
  t.end()
})

/** Byte-identical alone and as a member, in every way; and a canary beside it is masked. */
function isTaken(bytes: Buffer): boolean {
  const around = (email: string) =>
    Buffer.concat([Buffer.from(`{"file":`), bytes, Buffer.from(`,"email":"${email}"}`)])
  const masked = around('***').toString('latin1')
  return (
    everyWay(bytes).every((ran) => ran.bytes === bytes.toString('latin1')) &&
    everyWay(around(CANARY)).every((ran) => ran.bytes === masked)
  )
}

/** Refused in every way, with an error of ours; whole, before any byte of it has left. */
function isRefused(bytes: Buffer): boolean {
  const rewriter = program.start()
  try {
    rewriter.push(bytes, true)
    return false
  } catch (error) {
    if (!(error instanceof CelosiaError)) throw error
  }
  return everyWay(bytes).every((ran) => ran.refused !== undefined)
}

function isAsDecided(name: string, bytes: Buffer): boolean {
  return VERDICTS[name]?.[0] === verdictOn(bytes)
}

/** The code that the document is refused with, or `taken` where it leaves as it came. In pieces the outcome is the same. */
function verdictOn(bytes: Buffer): string {
  const [whole, ...pieces] = everyWay(bytes)
  const outcome = (ran: Ran | undefined) =>
    ran?.refused === undefined ? ran?.bytes === bytes.toString('latin1') : ran.refused
  const same = pieces.every(({ refused, bytes: got }) =>
    // Of two faults, pieces may show the other one first.
    whole?.refused === undefined ? got === whole?.bytes : refused !== undefined,
  )
  if (!same) return 'not the same in pieces'
  const verdict = outcome(whole)
  return typeof verdict === 'string' ? verdict : verdict ? 'taken' : 'changed'
}

function everyWay(bytes: Buffer): readonly Ran[] {
  return [bytes.length, 1, 3, 64].map((size) =>
    runProgram(program, bytes, { sizes: [Math.max(size, 1)], keys: new Set() }),
  )
}

function filesOf(folder: string): readonly (readonly [string, Buffer])[] {
  const at = new URL(`${folder}/`, SUITE)
  return readdirSync(at).map((name) => [name, readFileSync(new URL(encodeURIComponent(name), at))])
}
