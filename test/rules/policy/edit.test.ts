/** Changes of a policy's text: what is asked for and nothing else, in whatever way the author wrote it. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { stringify } from 'yaml'
import { changePolicy } from '../../../src/rules/policy/edit/policy-change.ts'
import type { PolicyChange } from '../../../src/rules/policy/edit/policy-change.ts'
import { dataOf, editYaml } from '../../../src/rules/policy/edit/yaml-edit.ts'
import type { YamlEdit } from '../../../src/rules/policy/edit/yaml-edit.ts'
import type { PolicyDocument } from '../../../src/rules/policy/document.ts'

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`

const EDITS: readonly (readonly [name: string, text: string, edit: YamlEdit, after: string])[] = [
  [
    'an item of a list in brackets',
    lines('roles:', '  a: # who', '    show: [x, y, z] # what'),
    { kind: 'remove', path: ['roles', 'a', 'show', 1], comment: 'why' },
    lines('roles:', '  a: # who', '    # why', '    show: [x, z] # what'),
  ],
  [
    'the last item of one',
    lines('show: [x, y]'),
    { kind: 'remove', path: ['show', 1], comment: 'why' },
    lines('# why', 'show: [x]'),
  ],
  [
    'the only item of one',
    lines('show: [x]'),
    { kind: 'remove', path: ['show', 0] },
    lines('show: []'),
  ],
  [
    'an item of a list in brackets over several lines, with comments',
    lines('show: [', '  x, # first', '  y, # second', '  z # third', ']'),
    { kind: 'remove', path: ['show', 2] },
    lines('show: [', '  x, # first', '  y, # second', '   # third', ']'),
  ],
  [
    'an item with a line of its own',
    lines('show:', '  - x # first', '  # of y', '  - y', '  - z'),
    { kind: 'remove', path: ['show', 1], comment: 'why' },
    lines('show:', '  - x # first', '  # of y', '  # why', '  - z'),
  ],
  [
    'the only item with a line of its own',
    lines('show: # all', '- x', 'next: 1'),
    { kind: 'remove', path: ['show', 0], comment: 'why' },
    lines('# why', 'show: [] # all', 'next: 1'),
  ],
  [
    'a member with lines of its own',
    lines('reveal:', '  x:', '    reason: required # always', '', '  # of y', '  y: {}'),
    { kind: 'remove', path: ['reveal', 'x'], comment: 'why' },
    lines('reveal:', '  # why', '', '  # of y', '  y: {}'),
  ],
  [
    'a member in braces',
    lines('a: { show: [x], reveal: { x: {}, y: {} } }'),
    { kind: 'remove', path: ['a', 'reveal', 'y'], comment: 'why' },
    lines('# why', 'a: { show: [x], reveal: { x: {} } }'),
  ],
  [
    'a route with a text at its end',
    lines(
      'routes:',
      '  - match: A',
      '    note: |',
      '      one',
      '',
      '      two',
      '',
      '  - match: B',
    ),
    { kind: 'remove', path: ['routes', 0], comment: 'why' },
    lines('routes:', '  # why', '', '  - match: B'),
  ],
  [
    'a new member of an item',
    lines('routes:', '  - match: A # a', '    upstream: u'),
    { kind: 'insert', path: ['routes', 0], name: 'roles', value: ['a', 'yes'], comment: 'why' },
    lines('routes:', '  - match: A # a', '    # why', '    roles: [a, "yes"]', '    upstream: u'),
  ],
  [
    'a new item of lines that end as Windows has them',
    'show:\r\n  - x\r\nnext: 1\r\n',
    { kind: 'append', path: ['show'], value: 'a b', comment: 'why' },
    'show:\r\n  - x\r\n  # why\r\n  - "a b"\r\nnext: 1\r\n',
  ],
  [
    'a new item behind a last line without an end',
    'show:\n  - x',
    { kind: 'append', path: ['show'], value: 'z' },
    'show:\n  - x\n  - z',
  ],
  [
    'a new member of an empty object',
    lines('a: {}'),
    { kind: 'insert', path: ['a'], name: 'x.y', value: { reason: 'required' } },
    lines('a: {x.y: { reason: required }}'),
  ],
]

for (const [name, text, edit, after] of EDITS) {
  test(`editYaml changes ${name}`, (t) => {
    t.equal(editYaml(text, edit), after)
    t.end()
  })
}

test('editYaml leaves alone what it cannot change, and what is not there', (t) => {
  const refused: readonly (readonly [string, YamlEdit])[] = [
    ['a: &x [1]\nb: *x\n', { kind: 'remove', path: ['a', 0] }],
    ['a: [1', { kind: 'remove', path: ['a', 0] }],
    ['a: [1]\n', { kind: 'remove', path: ['a', 1] }],
    ['a: [1]\n', { kind: 'remove', path: ['b', 0] }],
    ['a: 1\n', { kind: 'append', path: ['a'], value: 2 }],
    ['a:\n', { kind: 'append', path: ['a'], value: 2 }],
    ['a:\n  - - 1\n', { kind: 'remove', path: ['a', 0, 0] }],
    ['a:\n  -\n    b: 1\n  - 2\n', { kind: 'remove', path: ['a', 0] }],
    ['a: { b: 1 }\n', { kind: 'insert', path: ['a'], name: 'b', value: 2 }],
    ['a: 1\n', { kind: 'remove', path: ['a'], comment: 'x\nb: 2' }],
  ]
  for (const [text, edit] of refused) t.equal(editYaml(text, edit), undefined, text)
  t.end()
})

const DOCUMENT = {
  version: 1,
  classes: {
    'person.name': { mask: 'redact' },
    'contact.email': { mask: 'redact' },
    'contact.phone': { mask: 'redact' },
    'contact.ip': { mask: 'redact' },
  },
  roles: {
    agent: { show: ['person.name', 'contact.*'] },
    lead: {
      show: ['contact.*', 'contact.ip'],
      write: ['person.name'],
      reveal: {
        'person.name': { reason: 'required', justification: 'Because: of this' },
        'contact.ip': { reason: 'optional' },
      },
    },
    none: {},
  },
  routes: [
    { match: 'GET /a', upstream: 'u', roles: ['agent', 'lead'] },
    { match: 'GET /b/{id:integer}', upstream: 'u', plain: ['$.x', "$['y']"] },
    { match: 'GET /c', upstream: 'u' },
  ],
} as unknown as PolicyDocument

const CHANGES: readonly PolicyChange[] = [
  { kind: 'drop-class', list: 'show', role: 'agent', class: 'contact.phone' },
  { kind: 'drop-class', list: 'show', role: 'agent', class: 'person.name' },
  { kind: 'drop-class', list: 'show', role: 'lead', class: 'contact.ip' },
  { kind: 'drop-class', list: 'write', role: 'lead', class: 'person.name' },
  { kind: 'drop-reveal', role: 'lead', class: 'contact.ip' },
  { kind: 'reveal-to-show', role: 'lead', class: 'person.name' },
  { kind: 'show-to-reveal', role: 'agent', class: 'contact.email' },
  { kind: 'limit-route', route: 'GET /a', roles: ['lead'] },
  { kind: 'limit-route', route: 'GET /c', roles: ['agent', 'lead'] },
  { kind: 'drop-route', route: 'GET /b/{id:integer}' },
]

/** What the changes above mean, each by itself. */
const shownAfter = (text: string, role: string) =>
  (dataOf(text) as PolicyDocument).roles[role]?.show

test('changePolicy says each change in the words of the policy', (t) => {
  const text = stringify(DOCUMENT)
  const after = CHANGES.map((change) => changePolicy(text, change, 'why') ?? '')
  t.same(shownAfter(after[0] ?? '', 'agent'), ['person.name', 'contact.email', 'contact.ip'])
  t.same(shownAfter(after[1] ?? '', 'agent'), ['contact.*'])
  t.same(shownAfter(after[2] ?? '', 'lead'), ['contact.email', 'contact.phone'])
  t.same(shownAfter(after[5] ?? '', 'lead'), ['contact.*', 'contact.ip', 'person.name'])
  const [, , , written, revealed, always, asked, fewer, limited, gone] = after.map(
    (one) => dataOf(one) as PolicyDocument,
  )
  t.same(written?.roles['lead']?.write, [])
  t.same(Object.keys(revealed?.roles['lead']?.reveal ?? {}), ['person.name'])
  t.equal(always?.roles['lead']?.justification, 'Because: of this')
  t.same(asked?.roles['agent'], {
    show: ['person.name', 'contact.phone', 'contact.ip'],
    reveal: { 'contact.email': { reason: 'required' } },
  })
  t.same(fewer?.routes[0]?.roles, ['lead'])
  t.same(limited?.routes[2]?.roles, ['agent', 'lead'])
  t.same(
    gone?.routes.map(({ match }) => match),
    ['GET /a', 'GET /c'],
  )
  for (const one of after) t.match(one, /^ *# why$/m)
  for (const change of [
    { kind: 'drop-class', list: 'show', role: 'none', class: 'contact.ip' },
    { kind: 'drop-reveal', role: 'agent', class: 'contact.ip' },
    { kind: 'show-to-reveal', role: 'who', class: 'contact.ip' },
    { kind: 'drop-route', route: 'GET /z' },
    { kind: 'limit-route', route: 'GET /z', roles: ['lead'] },
  ] as const)
    t.equal(changePolicy(text, change, 'why'), undefined, JSON.stringify(change))
  t.end()
})

test('changes come out the same however the text is written', (t) => {
  const styles = fc.record({
    indent: fc.integer({ min: 1, max: 6 }),
    indentSeq: fc.boolean(),
    collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
    lineWidth: fc.constantFrom(0, 20, 80),
    defaultStringType: fc.constantFrom(
      'PLAIN' as const,
      'QUOTE_DOUBLE' as const,
      'QUOTE_SINGLE' as const,
    ),
    flowCollectionPadding: fc.boolean(),
  })
  const commented = fc.boolean()
  fc.assert(
    fc.property(styles, commented, fc.shuffledSubarray([...CHANGES]), (style, notes, changes) => {
      const written = stringify(DOCUMENT, style)
      const text =
        notes && style.collectionStyle === 'block'
          ? written.replaceAll(/^( *)(- )?([a-z]+:)/gm, '$1# note\n$1$2$3')
          : written
      const plain = changes.reduce(
        (all, change) => changePolicy(all, change, 'x') ?? all,
        stringify(DOCUMENT),
      )
      const edited = changes.reduce((all, change) => changePolicy(all, change, 'why') ?? all, text)
      if (!isDeepStrictEqual(dataOf(edited), dataOf(plain)))
        throw new Error(`not the same:\n${text}\n---\n${edited}\n---\n${plain}`)
    }),
    { numRuns: 200 },
  )
  t.end()
})
