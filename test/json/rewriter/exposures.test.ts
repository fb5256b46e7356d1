/** What is counted, and for whom: no count is lost, whatever the order of ids and values. */
import { test } from 'tap'
import { maskDocument } from '../../../src/json/program.ts'
import type { EditContext, Leaf } from '../../../src/json/program-source.ts'
import { CAPITALS, programOf, REDACT, SUPPRESS } from '../../helpers/json-reference/program-of.ts'
import type { TestProgram } from '../../helpers/json-reference/program-of.ts'
import { toldExposures, type ToldExposures } from '../../helpers/told-exposures.ts'

const EMAIL = { query: '$..email', edit: REDACT, counters: [0] }
const USERS = [{ at: '$.users[*]', id: '@.id' }]

test('counts join the id of the innermost scope, before or after it', (t) => {
  const document =
    '{"users":[{"id":7,"email":"a"},{"email":"b","x":{"email":"c"},"id":"8"}],"email":"d"}'
  t.same(exposuresOf({ lines: [EMAIL], scopes: USERS }, document), {
    counters: [4, 0],
    subjects: [
      { scope: 0, id: '7', counters: [1, 0] },
      { scope: 0, id: '8', counters: [2, 0] },
    ],
    unscoped: [1, 0],
    scopesOverflowed: false,
  })
  t.end()
})

test('an id is text: 7 is "7", 7.0 is not, and both sorts of writing merge', (t) => {
  const ids = ['7', '"7"', '"\\u0037"', '7.0', '"007"', '-7', '1e2', '""', '9007199254740993']
  const users = ids.map((id) => `{"id":${id},"email":1}`).join()
  const { subjects } = exposuresOf({ lines: [EMAIL], scopes: USERS }, `{"users":[${users}]}`)
  t.same(
    subjects.map(({ id, counters }) => [id, counters[0]]),
    [
      ['7', 3],
      ['7.0', 1],
      ['007', 1],
      ['-7', 1],
      ['1e2', 1],
      ['', 1],
      ['9007199254740993', 1],
    ],
  )
  t.end()
})

test('without one id the counts are unscoped: none, two that differ, or no scalar', (t) => {
  const users = [
    '{"email":1}',
    '{"id":1,"id":2,"email":1}',
    '{"id":null,"email":1}',
    '{"id":[1],"email":1}',
    '{"id":true,"email":1}',
  ].join()
  const exposures = exposuresOf({ lines: [EMAIL], scopes: USERS }, `{"users":[${users}]}`)
  t.same(exposures.subjects, [])
  t.same(exposures.unscoped, [5, 0])
  const same = '{"users":[{"id":1,"id":"1","email":1}]}'
  t.same(exposuresOf({ lines: [EMAIL], scopes: USERS }, same).subjects.length, 1)
  t.end()
})

test('ids are read from the original, also where they are edited away', (t) => {
  const document = '{"users":[{"id":7,"email":"a"}]}'
  for (const edit of [REDACT, SUPPRESS, CAPITALS]) {
    const lines = [EMAIL, { query: '$..id', edit, counters: [1] }]
    const { subjects } = exposuresOf({ lines, scopes: USERS }, document)
    t.same(subjects, [{ scope: 0, id: '7', counters: [1, 1] }], edit.kind)
  }
  const nested = {
    lines: [{ query: '$.users[*].x', edit: REDACT, counters: [0] }],
    scopes: [{ at: '$.users[*]', id: '@.x.ids[-1]' }],
  }
  const { subjects } = exposuresOf(nested, '{"users":[{"x":{"ids":[1,2]}}]}')
  t.same(subjects, [{ scope: 0, id: '2', counters: [1, 0] }], 'inside of an edited container')
  t.end()
})

test('scopes nest, and the scope itself counts for its own id', (t) => {
  const scopes = [
    { at: '$..user', id: '@.id' },
    { at: '$..emails[*]', id: '@' },
  ]
  const lines = [EMAIL, { query: '$..emails[*]', edit: REDACT, counters: [1] }]
  const document =
    '{"user":{"email":1,"user":{"id":2,"email":1,"emails":["x@y","x@y"]},"email":1,"id":1}}'
  t.same(exposuresOf({ lines, scopes }, document).subjects, [
    { scope: 0, id: '1', counters: [2, 0] },
    { scope: 0, id: '2', counters: [1, 0] },
    { scope: 1, id: 'x@y', counters: [0, 2] },
  ])
  t.end()
})

test('counters that are not joined to subjects are counted for the document alone', (t) => {
  const document = '{"users":[{"id":1,"email":1}],"email":1}'
  const lines = [{ ...EMAIL, counters: [0, 1] }]
  t.same(exposuresOf({ lines, scopes: USERS, scopedCounters: 1 }, document), {
    counters: [2, 2],
    subjects: [{ scope: 0, id: '1', counters: [1] }],
    unscoped: [1],
    scopesOverflowed: false,
  })
  t.end()
})

test('beyond the limit of ids counts are unscoped and it is said so', (t) => {
  const document = '{"users":[{"id":1,"email":1},{"id":2,"email":1},{"id":1,"email":1}]}'
  const program = { lines: [EMAIL], scopes: USERS, limits: { scopeIdsMax: 1 } }
  t.same(exposuresOf(program, document), {
    counters: [3, 0],
    subjects: [{ scope: 0, id: '1', counters: [2, 0] }],
    unscoped: [1, 0],
    scopesOverflowed: true,
  })
  t.end()
})

test('an operator counts through its context, once for each value, also when it waits for keys', (t) => {
  let isThere = false
  const apply = ({ text }: Leaf, context: EditContext) => {
    context.count(1, text.length)
    return isThere ? ({ kind: 'keep' } as const) : ({ kind: 'need', keyIds: ['k'] } as const)
  }
  const program = programOf({
    lines: [{ query: '$..note', edit: { kind: 'transform', apply }, counters: [0] }],
    scopes: USERS,
  })
  const document = Buffer.from('{"users":[{"id":1,"note":"four"}]}')
  const { exposures } = maskDocument(program, document, () => {
    isThere = true
  })
  t.same(toldExposures(exposures).subjects, [{ scope: 0, id: '1', counters: [1, 4] }])
  t.end()
})

test('a drain gives what was counted since the one before; nothing is counted twice', (t) => {
  const rewriter = programOf({ lines: [EMAIL], scopes: USERS }).start()
  rewriter.push(Buffer.from('{"users":[{"id":1,"email":1},{"id":2,"email":1,'), false)
  t.equal(rewriter.subjectCount(), 1)
  const first = toldExposures(rewriter.drain())
  t.same(first.subjects, [
    { scope: 0, id: '1', counters: [1, 0] },
    { scope: 0, id: '2', counters: [1, 0] },
  ])
  t.same(rewriter.drain().counters, [0, 0])
  rewriter.push(Buffer.from('"x":{"email":1}},{"id":1,"email":1}]}'), true)
  t.equal(rewriter.subjectCount(), 2)
  const second = toldExposures(rewriter.drain())
  t.same(second.counters, [2, 0])
  t.same(second.subjects, [
    { scope: 0, id: '2', counters: [1, 0] },
    { scope: 0, id: '1', counters: [1, 0] },
  ])
  t.same(rewriter.drain().subjects, [])
  t.end()
})

function exposuresOf(program: TestProgram, document: string): ToldExposures {
  return toldExposures(maskDocument(programOf(program), Buffer.from(document)).exposures)
}
