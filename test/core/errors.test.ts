/** The tables of errors and of reasons. */
import { test } from 'tap'
import { CelosiaError, ERROR_CODES, exitCodeOf } from '../../src/core/errors.ts'
import { REASONS } from '../../src/core/reasons.ts'
import { IssuerUnavailableError, TokenError } from '../../src/identity/errors.ts'
import { PolicyInvalidError } from '../../src/rules/policy/fault.ts'

test('an error has its code, its name and its cause', (t) => {
  const cause = new Error('before')
  const error = new TokenError('token-invalid', 'no', { cause })
  t.ok(error instanceof CelosiaError && error instanceof Error)
  t.match(error, { name: 'TokenError', code: 'ERR_TOKEN', reason: 'token-invalid', cause })
  t.end()
})

test('a command ends with the exit code of its error, and with 1 for any other', (t) => {
  t.equal(exitCodeOf(new TokenError('token-missing', 'no')), 4)
  t.equal(exitCodeOf(new IssuerUnavailableError('away')), 5)
  t.equal(exitCodeOf(new PolicyInvalidError([])), 3)
  for (const other of [
    new Error('x'),
    new TypeError('x'),
    'x',
    undefined,
    null,
    { code: 'ERR_TOKEN' },
  ])
    t.equal(exitCodeOf(other), 1)
  t.end()
})

test('each code says what it means in one sentence', (t) => {
  for (const [code, { meaning, exitCode }] of Object.entries(ERROR_CODES)) {
    t.match(code, /^ERR_[A-Z]+(_[A-Z]+)*$/)
    t.match(meaning, /^[A-Z].*\.$/, code)
    t.ok([2, 3, 4, 5].includes(exitCode), code)
  }
  t.end()
})

test('each reason has a status of HTTP, a fixed title and a sentence', (t) => {
  for (const [reason, { status, title, meaning }] of Object.entries(REASONS)) {
    t.match(reason, /^[a-z]+(-[a-z]+)*$/)
    const known = (status >= 200 && status <= 299) || (status >= 400 && status <= 599)
    t.ok(known || status === 303, reason)
    t.match(title, /^[A-Z][A-Za-z -]+$/, reason)
    t.match(meaning, /^[A-Z][^{}$]*\.$/, reason)
  }
  const unknown = Object.values(REASONS).filter(({ status }) => status === 401)
  t.ok(unknown.length >= 2, 'no token and a bad one are told apart in the record')
  t.end()
})
