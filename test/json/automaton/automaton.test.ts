/** The automaton: one state for what is alike, tables that stay bounded, `resolve` asked once for each set. */
import { test } from 'tap'
import { AutomatonHolder, type Automaton } from '../../../src/json/automaton/automaton.ts'
import { KeyTable } from '../../../src/json/automaton/key-table.ts'
import { stateOf } from '../../../src/json/automaton/link.ts'
import { needsLength, selectsIndex } from '../../../src/json/automaton/predicates.ts'
import { compileProgram, maskDocument } from '../../../src/json/program.ts'
import { programOf, REDACT, sourceOf, SUPPRESS } from '../../helpers/json-reference/program-of.ts'
import { indices } from '../../helpers/json-reference/select.ts'

test('resolve is asked once for each set of targets that comes up', (t) => {
  const asked: string[] = []
  const source = sourceOf({
    lines: [
      { query: '$.a' },
      { query: '$..b', edit: REDACT },
      { query: '$.a', reach: 'leaf', edit: REDACT },
    ],
  })
  const program = compileProgram({
    ...source,
    resolve: (targets) => {
      asked.push(targets.join())
      return source.resolve(targets)
    },
  })
  for (let round = 0; round < 3; round += 1) {
    maskDocument(program, Buffer.from('{"a":{"b":1,"c":2},"b":3,"x":[{"a":1}]}'))
  }
  t.same(asked.sort(), ['', '0', '0,1', '0,2', '1'])
  t.end()
})

test('names without a query share one state, however many they are', (t) => {
  const source = sourceOf({ lines: [{ query: '$..email', edit: REDACT }] })
  const holder = new AutomatonHolder(source)
  const before = holder.current.states.length
  const { current } = holder
  const email = current.plan.keys.columnOfText('email')
  const root = stateOf(current.root)
  t.equal(current.step(root, 1), current.step(root, 0), 'a member leads where an element does')
  t.equal(stateOf(current.step(root, 1)), root, 'and no further than the root')
  t.not(current.step(root, email), current.step(root, 1))
  t.ok(current.states.length <= before + 2)
  t.end()
})

test('a hostile document cannot make the tables grow: a full automaton is begun anew', (t) => {
  const names = Array.from({ length: 12 }, (_, at) => `k${at}`)
  const lines = names.map((name) => ({ query: `$..${name}..leaf`, edit: REDACT }))
  const source = sourceOf({ lines, limits: { statesMax: 64, depthMax: 600 } })
  const holder = new AutomatonHolder(source)
  const most = { states: 0 }
  const program = compileProgram(source)
  let document = '{"leaf":1}'
  for (let at = 0; at < 500; at += 1) {
    document = `{"${names[(at * 7 + (at >> 3)) % 12] ?? ''}":${document},"x":0}`
  }
  const { bytes } = maskDocument(program, Buffer.from(document))
  t.equal(bytes.toString(), document.replace('{"leaf":1}', '{"leaf":"***"}'))
  for (let mask = 0; mask < 4_096; mask += 1)
    most.states = Math.max(most.states, walk(holder, mask))
  t.ok(most.states <= 64 + 24, `at most ${most.states} states`)
  t.end()
})

/** Goes down the names whose bit is set, as a document would. */
function walk(holder: AutomatonHolder, mask: number): number {
  let automaton: Automaton = holder.current
  let state = stateOf(automaton.root)
  for (let bit = 0; bit < 12; bit += 1) {
    if ((mask & (1 << bit)) === 0) continue
    const column = automaton.plan.keys.columnOfText(`k${bit}`)
    const next = automaton.step(state, column)
    if (next >= 0) {
      state = stateOf(next)
      continue
    }
    const here = automaton.states[state]
    automaton = holder.renew()
    state = here === undefined ? stateOf(automaton.root) : automaton.adopt(here)
  }
  return automaton.states.length
}

test('the key table finds names by their bytes and by their text', (t) => {
  const names = [
    '',
    'a',
    'ab',
    'abc',
    'abcd',
    'abcdefgh',
    'abcdXefgh',
    'abcdYefgh',
    'é',
    '🙂',
    'q"q',
  ]
  const table = new KeyTable([...names, ...names])
  t.equal(table.columns, names.length + 2)
  const columns = names.map((name) => table.columnOfText(name))
  t.equal(new Set(columns).size, names.length)
  for (const [at, name] of names.entries()) {
    const bytes = Buffer.from(`"${name}"`)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const column = table.columnOf(bytes, view, 1, bytes.length - 1)
    t.equal(column, name === 'q"q' ? 1 : columns[at], `the bytes of ${name}`)
  }
  for (const name of ['b', 'abcdZefgh', 'abcdefgi', 'Abcd', 'ba']) {
    const bytes = Buffer.from(`"${name}"`)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    t.equal(table.columnOf(bytes, view, 1, bytes.length - 1), 1, name)
    t.equal(table.columnOfText(name), 1, name)
  }
  t.end()
})

test('indices and slices select as RFC 9535 says, element by element', (t) => {
  const bounds = [undefined, -9, -3, -1, 0, 1, 2, 4, 9]
  let cases = 0
  for (const start of bounds) {
    for (const end of bounds) {
      for (const step of [-5, -2, -1, 0, 1, 2, 7]) {
        const slice = { kind: 'slice', start, end, step } as const
        for (let length = 0; length < 7; length += 1) {
          const wanted = [...indices(slice, length)].sort((a, b) => a - b)
          const known = needsLength(slice) ? length : Number.NaN
          const all = Array.from({ length }, (_, at) => at)
          const selected = all.filter((at) => selectsIndex(slice, at, known))
          if (`${wanted}` !== `${selected}`) t.same(selected, wanted, `${start}:${end}:${step}`)
          cases += 1
        }
      }
    }
  }
  t.ok(cases > 3_000, `${cases} slices`)
  t.end()
})

test('notes say what holds back how much', (t) => {
  const queries = ['$.a[?@.b==1].c', '$.a[-1]', '$[?$.x]', '$..[?@.a]', '$.plain', '$.a[0:2]']
  const { notes } = programOf({ lines: queries.map((query) => ({ query, edit: SUPPRESS })) })
  t.match(notes, [
    /^\$\.a\[\?@\.b==1\]\.c holds back each candidate/,
    /^\$\.a\[-1\] holds back the whole array/,
    /^\$\[\?\$\.x\] holds back the whole document/,
    /^\$\.\.\[\?@\.a\] holds back each value below the root/,
  ])
  t.equal(notes.length, 4)
  t.end()
})
