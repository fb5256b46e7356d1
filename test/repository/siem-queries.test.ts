/** What docs/siem.md and deploy/siem tell a SIEM team: fields that are there, and queries that find what they say. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { systemClock } from '../../src/core/clock.ts'
import { requirePeer } from '../helpers/peers.ts'
import { dayOfRecords } from '../helpers/siem/day.ts'
import { FORMS, type Values } from '../helpers/siem/record-forms.ts'
import { readDocument, ROOT, tableBelow } from './markdown.ts'

const SIEM = readDocument('docs/siem.md')
const FIELDS = tableBelow(SIEM, '## Fields')
const HEADINGS = SIEM.prose
  .slice(SIEM.prose.indexOf('## First detections'), SIEM.prose.indexOf('## Choose what is sent'))
  .match(/^### .*$/gm)

test('the fields of the table are in the records, and hold the same in each format', (t) => {
  t.ok(FIELDS.length >= 30)
  /** What is told in other words there. */
  const translated = new Set(['Time', 'Kind of record', 'What happened', 'Outcome'])
  for (const [what = '', ...paths] of FIELDS) {
    const [ocsf, ecs, cef] = paths.map((cell) => pathOf(cell)) as [string, string, string]
    const forms = FORMS.filter(
      (form) => has(form.ocsf, ocsf) && has(form.ecs, ecs) && has(form.cef, cef),
    )
    t.ok(forms.length > 0, `${what}: a record has ${paths.slice(0, 3).join(', ')}`)
    if (translated.has(what)) continue
    for (const form of forms) {
      const [value] = form.ocsf.get(ocsf) ?? form.ecs.get(ecs) ?? []
      if (typeof value !== 'string' && typeof value !== 'number') continue
      for (const other of [form.ecs.get(ecs), form.cef.get(cef)]) {
        if (other === undefined) continue
        const said = JSON.stringify(other)
        t.ok(said.includes(String(value)), `${what} of ${form.kind}: ${value} is in ${said}`)
      }
    }
  }
  t.end()
})

test('the queries of docs/siem.md print what they say', async (t) => {
  if (!requirePeer(t, 'jq')) return
  const directory = t.testdir()
  const day = dayOfRecords(systemClock.nowMs())
  writeFileSync(join(directory, 'audit.jsonl'), day.map((line) => `${line}\n`).join(''))
  const blocks = SIEM.blocks.flatMap((block, index) =>
    block.info[0] === 'siem' ? [{ block, expected: SIEM.blocks[index + 1] }] : [],
  )
  t.equal(blocks.length, HEADINGS?.length, 'one for each detection')
  for (const { block, expected } of blocks) {
    const options = { cwd: directory, encoding: 'utf8' } as const
    const { stdout, stderr } = spawnSync('/bin/bash', ['-c', block.text], options)
    t.equal(stderr, '')
    t.equal(stdout, expected?.text, `docs/siem.md:${block.line}`)
  }
})

/** Queries of a product, the names in which are ours, and where these have to be. */
const LANGUAGES = [
  { product: 'splunk', language: 'spl', names: /\b(?:[a-z_]+\.)+[a-z_]+\b/g, form: 'ocsf' },
  { product: 'logstash', language: 'esql', names: /\b(?:[a-z_]+\.)+[a-z_]+\b/g, form: 'ecs' },
  { product: 'sentinel', language: 'kql', names: /\b[A-Z][A-Za-z]+\d?\b/g, form: 'sentinel' },
] as const
/** Names of a language's own, and of tables. */
const OWN_NAMES = new Set(['CommonSecurityLog', 'DeviceVendor', 'TimeGenerated', 'Celosia'])

for (const { product, language, names, form } of LANGUAGES) {
  test(`the queries for ${product} are those of docs/siem.md, and name fields that are there`, (t) => {
    const document = readDocument(`deploy/siem/${product}/README.md`)
    const part = document.prose.slice(document.prose.indexOf('## First detections'))
    t.same(part.match(/^### .*$/gm), HEADINGS)
    const known = new Set(
      form === 'sentinel'
        ? FIELDS.map((cells) => cells[4] ?? '')
        : FORMS.flatMap((one) => [...one[form].keys()]),
    )
    const queries = document.blocks.filter((block) => block.language === language)
    t.equal(queries.length, HEADINGS?.length)
    for (const { line, text } of queries) {
      // What stands in quotes is a value, but for Splunk's names with braces.
      const bare = text.replaceAll(/"[^"]*"/g, '').replaceAll('{}', '')
      for (const [name] of bare.matchAll(names)) {
        t.ok(known.has(name) || OWN_NAMES.has(name), `${product}:${line} names ${name}`)
      }
    }
    t.end()
  })
}

test('the alarms of Splunk are searches of its page', (t) => {
  const file = readFileSync(join(ROOT, 'deploy/siem/splunk/savedsearches.conf'), 'utf8')
  const page = readDocument('deploy/siem/splunk/README.md').blocks
  const searches = [...file.matchAll(/^search = (.*)$/gm)].map(([, search = '']) => search)
  t.ok(searches.length >= 4)
  const commands = new Set(
    page.flatMap(({ text }) => text.trim().split(/\s*\n\| /)).map(firstWords),
  )
  for (const search of searches) {
    for (const command of search.split(' | ')) t.ok(commands.has(firstWords(command)), command)
  }
  t.end()
})

/** `` `a`, IPv6: `b` `` is a; what is in words is nothing. */
function pathOf(cell: string): string {
  return /^[\w@.]+$/.test(cell) ? cell : (/^`([\w@.]+)`/.exec(cell)?.[1] ?? '')
}

function has(values: Values, path: string): boolean {
  return path === '' || values.has(path)
}

function firstWords(command: string): string {
  return command.split(/\s+/).slice(0, 2).join(' ')
}
