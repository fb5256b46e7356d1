/**
 * TicketSQL as Request Tracker itself reads it: its own parser, from Debian, is given what goes on, and must see the same
 * comparisons joined in the same way.
 */
import { spawnSync } from 'node:child_process'
import { test } from 'tap'
import * as fc from 'fast-check'
import type { Expression } from '../../src/rules/search/expression.ts'
import { ticketsql } from '../../src/rules/search/ticketsql.ts'
import { requireData } from '../helpers/peers.ts'
import { SENTENCES } from '../rules/search/sentences.ts'

const LIBRARY = '/usr/share/request-tracker5/lib'

/** One JSON string a line in; out comes the tree, or null where the query is wrong. RT's base and log are not needed for it. */
const PROGRAM = `
use strict; use warnings; use JSON::PP;
BEGIN { $INC{'RT/Base.pm'} = 1 }
package RT::Base { sub _ImportOverlays {} }
package RT::NoLog { sub debug {} }
package RT { sub Logger { bless {}, 'RT::NoLog' } }
package HTML::Mason::Commands { sub loc { join ' ', @_ } }
package main;
require RT::SQL;
my $json = JSON::PP->new->utf8->allow_nonref;
while (my $line = <STDIN>) {
  my $tree = eval { RT::SQL::ParseToArray($json->decode($line)) };
  print $json->encode($@ ? undef : $tree), "\\n";
}
`

interface Condition {
  readonly key: string
  readonly op: string
  readonly value: string
}

type Tree = readonly (Condition | string | Tree)[]

function readByRt(texts: readonly string[]): readonly (Tree | null)[] {
  const { stdout, stderr, status } = spawnSync('perl', ['-I', LIBRARY, '-e', PROGRAM], {
    input: texts.map((text) => `${JSON.stringify(text)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Tree | null)
}

/** What RT should see: a list of conditions and words, one list more for each pair of parentheses. */
function expected(expression: Expression): Tree {
  if (expression.kind === 'term') {
    const { field = '', operator, value } = expression
    return [{ key: field, op: operator, value }]
  }
  if (expression.kind === 'not') return []
  const word = expression.kind.toUpperCase()
  return expression.operands.flatMap((operand, index) => {
    const inside = expected(operand)
    const item = operand.kind === 'term' ? inside : [inside]
    return index === 0 ? item : [word, ...item]
  })
}

const WRITTEN = [
  "'CF.{Payment card}' = '4111' AND CF.{Tier} != 'gold'",
  `Requestor.Name = "O'Brien" OR Subject LIKE 'say "x"'`,
  'Due IS NULL AND (Started IS NOT NULL OR id > 7)',
  "Subject NOT LIKE 'a' and Subject NOT STARTSWITH 'b' or Subject ENDSWITH 'c'",
  "((Status = 'new' OR Status = 'open') AND Queue = 'General') OR Owner = 'Nobody'",
  "Subject = '(a = b) OR c' AND Subject = 'AND'",
  "Subject = '#; -- /* x */ %_*?'",
  "Subject = ''",
]

test('Request Tracker reads what goes on as it was judged', (t) => {
  if (!requireData(t, `${LIBRARY}/RT/SQL.pm`, 'the Debian package request-tracker5')) {
    t.end()
    return
  }
  const sentences = [...WRITTEN, ...fc.sample(SENTENCES.ticketsql, { numRuns: 2_000, seed: 7 })]
  const understood = sentences.flatMap((text) => {
    const expression = ticketsql.parse(text)
    return expression === undefined ? [] : [{ expression, text: ticketsql.format(expression) }]
  })
  t.ok(understood.length > 1_000, `${understood.length} expressions`)
  const trees = readByRt(understood.map(({ text }) => text))
  for (const [index, { expression, text }] of understood.entries()) {
    t.same(trees[index], expected(expression), text)
  }
  t.end()
})
