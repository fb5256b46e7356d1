/** A record on one line, and as a row of a table: what was shown, masked and revealed of each class, and what a finding is about. */
import { Writable } from 'node:stream'
import { test } from 'tap'
import type { ReadRecord } from '../../src/audit/record-codec.ts'
import type { CommandIo } from '../../src/cli/command.ts'
import { readableLine } from '../../src/cli/readable-line.ts'
import { recordWriter } from '../../src/cli/record-writer.ts'
import type { AuditRecord } from '../../src/core/audit-record.ts'

const CASES: readonly (readonly [string, AuditRecord['type'], unknown, string])[] = [
  [
    'shown and masked',
    'access',
    [{ class: 'contact.email', shown: 2, masked: 1, revealed: 0 }],
    'contact.email:2/1',
  ],
  [
    'and revealed, where some were',
    'access',
    [
      { class: 'payment.card', shown: 0, masked: 0, revealed: 1 },
      { class: 'person.name', shown: 1, masked: 0, revealed: 0 },
    ],
    'payment.card:0/0/1 person.name:1/0',
  ],
  [
    'of a finding the names',
    'finding',
    ['id.national', 'payment.card'],
    'id.national payment.card',
  ],
  ['a name that is a control', 'finding', ['x\u001b[2J'], 'x\ufffd[2J'],
  ['nothing, where it is no list', 'finding', 'payment.card', ''],
]

for (const [name, type, classes, expected] of CASES)
  test(`the classes of a record on one line: ${name}`, (t) => {
    const event = {
      time: 0,
      actor: { user: { uid: 'lead-1' } },
      unmapped: { celosia: { classes } },
    }
    const record = { type, event } as unknown as AuditRecord
    t.equal(readableLine(record), `1970-01-01T00:00:00.000Z ${type} lead-1 ${expected}`.trimEnd())
    t.end()
  })

test('a row of a finding has the names of its classes', async (t) => {
  const lines: string[] = []
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  })
  const writer = recordWriter('table', { stdout } as unknown as CommandIo)
  for (const classes of [
    ['id.national'],
    [{ class: 'person.name', shown: 1, masked: 0, revealed: 0 }],
  ]) {
    const event = { time: 0, unmapped: { celosia: { classes } } }
    await writer.take({ record: { type: 'finding', event } } as unknown as ReadRecord)
  }
  await writer.flush()
  t.match(lines.join('').split('\n'), [/classes$/, / id\.national$/, / person\.name: 1 shown$/])
})
