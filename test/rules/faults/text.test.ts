/** Policies that look for data in text in a way that cannot be done. */
import { test } from 'tap'
import { checkFaults } from './table.ts'

test('what cannot be found in text is refused where it is asked for', (t) => {
  checkFaults(t, [
    {
      name: 'classes that are not there, that nothing finds, and texts in texts',
      policy: `classes:
  payment.card: { mask: { keepLast: 4 } }
  person.name: { mask: initials }
  text.a: { mask: ▸{ scan: [payment.cart] } }
  text.b: { mask: ▸{ scan: [payment.card, person.name] } }
  text.c: { mask: ▸{ scan: [text.d] }, find: { patterns: [a] } }
  text.d: { mask: { scan: [payment.card] }, find: { patterns: [a] } }
  text.e: { mask: ▸{ json: { scan: [text.e] } }, find: { patterns: [a] } }
  text.f: { mask: ▸{ scan: [] } }
  text.g: { mask: ▸{ scan: payment.card } }
roles: { agent: {} }
routes: []
`,
      says: [
        /unknown class `payment\.cart`; did you mean payment\.card/,
        /nothing finds `person\.name` in text/,
        /`text\.d` is a class of texts itself/,
        /`text\.e` is a class of texts itself/,
        /fewer than 1 items|must NOT have fewer/,
        /must be array/,
      ],
    },
    {
      name: 'what a class is found by',
      policy: `classes:
  id.a: { mask: redact, find: { patterns: [▸"[0-9", ▸"\\\\d+", "A-[0-9]{4}", ▸"(a{60}){60}"] } }
  id.b: { mask: redact, find: { countries: [ES, ▸ZZ] } }
  id.c: { mask: redact, find: { allow: [ok, ▸"*", ▸" - "] } }
roles: { agent: {} }
routes: []
`,
      says: [
        /pattern: /,
        /pattern: /,
        /instructions/,
        /unknown country `ZZ`/,
        /an entry names a value/,
        /an entry names a value/,
      ],
      hints: [/I-Regexps/],
    },
    {
      name: 'the form of find',
      policy: `classes:
  id.a: { mask: redact, find: { ▸pattern: [a] } }
  id.b: { mask: redact, find: { recognizers: [▸cards] } }
  id.c: { mask: redact, find: { countries: [▸es] } }
  id.d: { mask: redact, find: { atLeast: ▸0.1 } }
roles: { agent: {} }
routes: []
`,
      says: [/unknown key/, /./, /./, /./],
    },
  ])
  t.end()
})
