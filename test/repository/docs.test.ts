/** The documents say what the code does: their policies load, their commands run, their tables and links hold. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'tap'
import { parse as parseYaml } from 'yaml'
import { apiActivity } from '../../src/audit/api-activity.ts'
import { prepareRecord, sealRecord } from '../../src/audit/chain/envelope.ts'
import { detectionFinding } from '../../src/audit/detection-finding.ts'
import { loadPolicy } from '../../src/cli/load-policy.ts'
import { allCommands } from '../../src/cli/commands.ts'
import { loadConnector } from '../../src/connectors/load-connector.ts'
import { Budget } from '../../src/json/evaluate/budget.ts'
import { selectNodes } from '../../src/json/evaluate/select.ts'
import { DEFAULT_LIMITS } from '../../src/json/limits.ts'
import { QuerySyntaxError } from '../../src/json/query/errors.ts'
import { parseQuery } from '../../src/json/query/parse.ts'
import { buildTape } from '../../src/json/tape/tape.ts'
import { RECOGNIZERS } from '../../src/recognizers/registry.ts'
import { createMetrics } from '../../src/proxy/metrics.ts'
import { OPERATORS } from '../../src/rules/operators/registry.ts'
import { PolicyInvalidError } from '../../src/rules/policy/fault.ts'
import { plannedHint } from '../../src/rules/policy/not-supported.ts'
import { POLICY_SCHEMA } from '../../src/rules/policy/schema.ts'
import { createShippingMetrics } from '../../src/shipping/shipping-metrics.ts'
import { loadShipFile } from '../../src/shipping/ship-file/load-ship-file.ts'
import { SHIP_SCHEMA } from '../../src/shipping/ship-file/schema.ts'
import { parseYamlSource } from '../../src/rules/policy/yaml-source.ts'
import {
  fitsType,
  isParameterType,
  REQUEST_TYPES,
} from '../../src/rules/routing/parameter-types.ts'
import { accessOfDocs, findingOfDocs, headOfDocs } from './audit-samples.ts'
import { BASELINE_FINDING } from '../helpers/audit-facts.ts'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess } from '../helpers/process.ts'
import { anchorsOf, linksOf, readDocument, readDocuments, ROOT, tableBelow } from './markdown.ts'
import type { Block, Document } from './markdown.ts'

const COMMANDS = await allCommands()

const DOCUMENTS = readDocuments()
/** How long the demo may take to start on a busy machine. */
const DEMO_READY_MS = 30_000
/** Blocks that other blocks of the document work with: `json NAME` and `yaml NAME [refused]` are written to files. */
const FILES = new Set(['json', 'yaml'])

function documentOf(file: string): Document {
  const found = DOCUMENTS.find((document) => document.file === file)
  if (found === undefined) throw new Error(`there is no ${file}`)
  return found
}

function column(file: string, heading: string, index = 0): readonly string[] {
  return tableBelow(documentOf(file), heading).map((cells) => cells[index] ?? '')
}

function placeOf({ file, line }: Block): string {
  return `${file}:${line}`
}

test('there are documents to hold against the code', async (t) => {
  t.ok(DOCUMENTS.length >= 19)
  t.ok(DOCUMENTS.flatMap(({ blocks }) => blocks).length >= 25)
})

test('every yaml block is a whole policy that loads, or a fragment in the strict YAML of policies', async (t) => {
  for (const document of DOCUMENTS) {
    const directory = writeFiles(t.testdir(), document)
    for (const block of document.blocks.filter(({ language }) => language === 'yaml')) {
      const [name = '', refused] = block.info
      const place = placeOf(block)
      t.same(parseYamlSource(place, block.text).faults, [], `${place} is strict YAML`)
      if (name === 'fragment') continue
      if (name === 'ship') {
        t.doesNotThrow(() => loadShipBlock(t.testdir(), block.text), `${place} is a shipping file`)
        continue
      }
      if (name === 'connector') {
        const file = join(t.testdir({ 'connector.yaml': block.text }), 'connector.yaml')
        const environment = { HELPDESK_URL: 'https://a.example', HELPDESK_TOKEN: 'x' }
        t.doesNotThrow(() => loadConnector(file, environment), `${place} is a connector`)
        continue
      }
      t.match(block.text, /^version: 1$/m, `${place} is a policy, or is marked as a fragment`)
      const load = () =>
        loadPolicy({ file: join(directory, name), environment: {}, mode: 'author' })
      if (refused === 'refused') t.throws(load, PolicyInvalidError, `${place} is refused`)
      else t.doesNotThrow(load, `${place} loads`)
    }
  }
})

test('every json block is JSON', async (t) => {
  for (const block of DOCUMENTS.flatMap(({ blocks }) => blocks)) {
    if (block.language === 'json') t.doesNotThrow(() => JSON.parse(block.text), placeOf(block))
  }
})

test('commands marked as a test print the text block that follows', async (t) => {
  let ran = 0
  for (const document of DOCUMENTS) {
    const directory = writeFiles(t.testdir(), document)
    const path = writeCommands(directory)
    for (const { block, expected } of pairs(document, 'test')) {
      t.equal(expected?.language, 'text', `${placeOf(block)} is followed by its output`)
      const { stdout } = spawnSync('/bin/bash', ['-c', `{\n${block.text}\n} 2>&1`], {
        cwd: directory,
        env: { PATH: path },
        encoding: 'utf8',
      })
      t.match(stdout, asPattern(expected?.text ?? ''), `${placeOf(block)} prints what it says`)
      ran += 1
    }
  }
  t.ok(ran >= 5)
})

test('commands marked as demo print the text block that follows, against the demo', async (t) => {
  if (!requirePeer(t, 'curl')) return
  const blocks = DOCUMENTS.flatMap((document) => pairs(document, 'demo'))
  t.ok(blocks.length >= 2)
  const directory = t.testdir()
  const program = join(ROOT, 'bin/celosia.js')
  const ports = ['--json', '--port', '0', '--admin-port', '0']
  await startProcess(t, process.execPath, [program, 'demo', ...ports], {
    cwd: directory,
    env: { REDIS_URL: '' },
    ready: /\n/,
    readyTimeoutMs: DEMO_READY_MS,
  })
  const env = { PATH: writeCommands(directory) }
  const variables = '. .celosia/demo/variables'
  for (const { block, expected } of blocks) {
    t.equal(expected?.language, 'text', `${placeOf(block)} is followed by its output`)
    const command = `${variables}\n{\n${block.text}\n} 2>&1`
    const run = () =>
      spawnSync('/bin/bash', ['-c', command], { cwd: directory, env, encoding: 'utf8' }).stdout
    let stdout = run()
    // A busy machine may not write a record in time.
    for (let attempt = 0; /\b503\b/.test(stdout) && attempt < 10; attempt += 1) stdout = run()
    t.match(stdout, asPattern(expected?.text ?? ''), `${placeOf(block)} prints what it says`)
  }
})

/** The blocks of commands marked so, each with what follows it. */
function pairs({ blocks }: Document, mark: string) {
  return blocks.flatMap((block, index) =>
    block.language === 'sh' && block.info[0] === mark
      ? [{ block, expected: blocks[index + 1] }]
      : [],
  )
}

test('commands name existing commands and options', async (t) => {
  const blocks = DOCUMENTS.flatMap((document) => document.blocks)
  const lines = blocks
    .filter(({ language }) => language === 'sh' || language === 'ini')
    .flatMap((block) => block.text.split('\n').map((line) => ({ line, place: placeOf(block) })))
  let seen = 0
  for (const { line, place } of lines) {
    const text = /(?:^|[\s/;|])celosia(?:\.js)? ([^|;&<>]+)/.exec(line)?.[1]
    if (text === undefined) continue
    seen += 1
    const command = COMMANDS.find(({ name }) => `${text} `.startsWith(`${name} `))
    t.ok(command, `${place}: ${line}`)
    for (const [, name = ''] of text.matchAll(/\s--([a-z-]+)/g)) {
      t.ok(command && name in command.options, `${place}: ${command?.name} has --${name}`)
    }
  }
  t.ok(seen >= 10)
})

test('the tables of commands and options equal the commands', async (t) => {
  const rows = tableBelow(documentOf('docs/operations.md'), '## Commands')
  t.same(
    rows.map((cells) => cells.slice(0, 2)),
    COMMANDS.map(({ name, summary }) => [`celosia ${name}`, summary]),
  )
  for (const { name, options } of COMMANDS.filter(
    ({ options: of }) => Object.keys(of).length > 0,
  )) {
    const expected = Object.entries(options).map(([option, { value }]) =>
      value === undefined ? `--${option}` : `--${option} ${value}`,
    )
    const heading = `### \`celosia ${name}\``
    t.same(column('docs/operations.md', heading).toSorted(), expected.toSorted(), heading)
    for (const [option = '', fallback = ''] of tableBelow(
      documentOf('docs/operations.md'),
      heading,
    )) {
      const declared = options[option.split(' ')[0]?.slice(2) ?? '']?.default ?? ''
      // A default that is a path of this machine stands in words.
      if (!declared.startsWith('/')) t.equal(fallback, declared, `${name} ${option}`)
    }
  }
})

test('the table of operators equals the registry', async (t) => {
  t.same(
    tableBelow(documentOf('docs/policy.md'), '## Operators'),
    OPERATORS.map(({ name, example, summary }) => [name, example, summary]),
  )
})

test('the table of recognizers equals the registry', async (t) => {
  t.same(
    tableBelow(documentOf('docs/text.md'), '## What is found'),
    RECOGNIZERS.map(({ name, dataClass, summary }) => [name, dataClass, summary]),
  )
})

test('the table of keys equals the schema of policies', async (t) => {
  t.same(
    column('docs/policy.md', '## Every key').toSorted(),
    [...keysOf(POLICY_SCHEMA as SchemaPart)].toSorted(),
  )
})

test('the table of parameter types equals the types', async (t) => {
  const names = column('docs/policy.md', '## Routes')
  t.same(names, REQUEST_TYPES)
  for (const [name = '', accepts = ''] of tableBelow(documentOf('docs/policy.md'), '## Routes')) {
    for (const [, value = ''] of accepts.matchAll(/`([^`]+)`/g)) {
      if (name === 'slug' || !isParameterType(name)) continue
      t.ok(fitsType(name, value), `${name} accepts ${value}`)
    }
  }
})

test('the keys that are said to be planned are refused as such', async (t) => {
  for (const key of column('docs/policy.md', '## Not in this version')) {
    t.ok(plannedHint(key.replace('[]', '.*').split('.')), key)
  }
})

test('the specification of the chain names each type of records, and its stream', async (t) => {
  const types = new Set(column('docs/audit.md', '## What is recorded'))
  const named = (text = '') => text.match(/[a-z]+/g) ?? []
  const member = (name: string) =>
    tableBelow(documentOf('docs/audit-chain.md'), '## A record').find(([cell]) => cell === name)
  t.same(named(member('type')?.[1]).toSorted(), [...types].toSorted())
  const streams = tableBelow(documentOf('docs/audit-chain.md'), '## Streams')
  t.same(streams.flatMap(([, cell]) => named(cell)).toSorted(), [...types].toSorted())
})

test('each decision has a number of its own, which its title begins with', async (t) => {
  const decisions = DOCUMENTS.filter(({ file }) => file.startsWith('docs/decisions/'))
  const numbers = decisions.map(({ file }) => Number(/(\d{4})-/.exec(file)?.[1]))
  t.equal(new Set(numbers).size, decisions.length, 'no number twice')
  for (const [index, { file, text }] of decisions.entries())
    t.ok(text.startsWith(`# ${numbers[index]}. `), file)
})

test('the table of metrics equals the metrics', async (t) => {
  const text = await createMetrics(() => 0).text()
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? '')
  t.same(column('docs/operations.md', '## Metrics').toSorted(), names.toSorted())
})

test('the tables of the shipping file and of its metrics equal the code', async (t) => {
  const keys = [...keysOf(SHIP_SCHEMA as SchemaPart)].filter((key) => !key.endsWith('[]'))
  t.same(column('docs/siem.md', '## Every key').toSorted(), keys.toSorted())
  const metrics = createShippingMetrics(() => 0)
  const text = await metrics.text()
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? '')
  t.same(column('docs/siem.md', '## Watch it').toSorted(), names.toSorted())
})

test('the recipes for SIEMs say whether they are run, and their shipping files load', async (t) => {
  const folder = join(ROOT, 'deploy/siem')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('.'),
  )
  t.ok(files.length >= 8)
  for (const name of files) {
    const text = readFileSync(join(folder, name), 'utf8')
    t.match(text, /NOT RUN in the tests of\n?#? ?Celosía|Run in the tests of Celosía/, name)
    if (name.endsWith('.yaml')) t.doesNotThrow(() => parseYaml(text), `${name} is YAML`)
    if (!name.endsWith('.md')) continue
    for (const { language, info, text: file } of readDocument(`deploy/siem/${name}`).blocks) {
      if (language !== 'yaml' || info[0] !== 'ship') continue
      t.doesNotThrow(() => loadShipBlock(t.testdir(), file), name)
    }
  }
})

test('the tables of audit fields equal the records, and the sample is a record', async (t) => {
  const access = apiActivity(accessOfDocs)
  const claimedAddress = '203.0.113.7'
  const { compared } = BASELINE_FINDING
  const part = { phase: 'opening', window: 1, bytesBefore: 0 } as const
  const window = apiActivity({
    ...accessOfDocs,
    part,
    intentId: accessOfDocs.id,
    claimedAddress,
    terms: [{ class: 'contact.email', pseudonym: 'v1:Zr5kq0l2m8Tn4bVxY7aWcQ' }],
    unchecked: ['body'],
    inbound: [{ class: 'payment.card', action: 'redact', count: 1 }],
    locations: [],
    write: {
      read: 'GET /api/v2/users/{id:integer}',
      readStatus: 200,
      precondition: 'none',
      changes: [],
      places: [],
    },
    purpose: { name: 'refund', header: 'celosia-purpose', ticket: undefined },
    reveal: { classes: ['payment.card'], reason: 'refund', ticket: '8123' },
    selfTest: true,
  })
  const finding = detectionFinding({ ...findingOfDocs, compared, claimedAddress })
  t.same(column('docs/audit.md', '### Fields of an access').toSorted(), ownFields(window.event))
  t.same(column('docs/audit.md', '### Fields of a finding').toSorted(), ownFields(finding.event))
  const sample = documentOf('docs/audit.md').blocks.find(({ language }) => language === 'json')
  const { envelope, eventText } = sealRecord(prepareRecord(access), headOfDocs)
  t.same(JSON.parse(sample?.text ?? ''), { ...envelope, event: JSON.parse(eventText) })
})

test('the queries of the documents select what they say', async (t) => {
  const document = documentOf('docs/policy.md')
  const sample = document.blocks.find(({ info }) => info[0] === 'query-example.json')
  const bytes = Buffer.from(sample?.text ?? '')
  const rows = tableBelow(document, '## Queries')
  t.ok(rows.length >= 15)
  for (const [query = '', selects = ''] of rows) {
    const tape = buildTape(bytes, 0, bytes.byteLength, DEFAULT_LIMITS)
    const nodes = selectNodes(parseQuery(query), tape, new Budget(DEFAULT_LIMITS.filterStepsMax))
    const found = nodes.map((node) =>
      JSON.parse(bytes.toString('utf8', tape.start[node], tape.end[node])),
    )
    t.same(found, JSON.parse(selects), query)
  }
})

test('forms of other dialects are refused, and what stands for them here is not', async (t) => {
  const rows = tableBelow(documentOf('docs/policy.md'), '### Coming from another JSONPath')
  t.ok(rows.length >= 10)
  for (const [elsewhere = '', here = ''] of rows) {
    t.throws(() => parseQuery(elsewhere), QuerySyntaxError, elsewhere)
    t.doesNotThrow(() => parseQuery(here), here)
  }
})

test('internal links resolve', async (t) => {
  const recipes = readdirSync(join(ROOT, 'deploy/siem'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => readDocument(`deploy/siem/${name}`))
  for (const document of [...DOCUMENTS, ...recipes]) {
    for (const link of linksOf(document)) {
      if (/^[a-z]+:/.test(link)) continue
      const [path = '', anchor] = link.split('#')
      const file = path === '' ? document.file : normalize(join(dirname(document.file), path))
      t.ok(existsSync(join(ROOT, file)), `${document.file} links to ${file}`)
      if (anchor !== undefined) {
        t.ok(anchorsOf(readDocument(file)).has(anchor), `${document.file} links to ${link}`)
      }
    }
  }
})

test('tests that documents name are there', (t) => {
  const named = DOCUMENTS.flatMap(({ file, text }) =>
    [...text.matchAll(/`(test\/[^`*<>\s]+)`/g)].map(([, path = '']) => [file, path] as const),
  )
  t.ok(named.length > 50, `${named.length} names`)
  for (const [file, path] of named) t.ok(existsSync(join(ROOT, path)), `${file} names ${path}`)
  t.end()
})

/** Loads a shipping file, with every variable set and every PEM file there. */
function loadShipBlock(directory: string, text: string): void {
  for (const name of ['ca.pem', 'celosia.pem', 'celosia.key'])
    writeFileSync(join(directory, name), '')
  const file = join(directory, 'ship.yaml')
  writeFileSync(file, text)
  const environment = {
    SPLUNK_TOKEN: 'token',
    LIST_PASSWORD: 'password',
    VECTOR_AUTHORIZATION: 'Basic dTpw',
    WEBHOOK_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}`,
  }
  loadShipFile({ file, environment, mode: 'ship' })
}

function writeFiles(directory: string, { blocks }: Document): string {
  cpSync(join(ROOT, 'config/fixtures'), join(directory, 'fixtures'), { recursive: true })
  for (const { language, info, text } of blocks) {
    const [name] = info
    if (!FILES.has(language) || name === undefined || name === 'fragment') continue
    mkdirSync(join(directory, dirname(name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

// Readers type `celosia` or `npx celosia`; both stand for this very checkout.
function writeCommands(directory: string): string {
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  const start = `exec '${process.execPath}' '${join(ROOT, 'bin/celosia.js')}' "$@"`
  writeFileSync(join(bin, 'celosia'), `#!/bin/bash\n${start}\n`)
  writeFileSync(join(bin, 'npx'), `#!/bin/bash\nshift\n${start}\n`)
  for (const name of ['celosia', 'npx']) chmodSync(join(bin, name), 0o755)
  return `${bin}:/usr/bin:/bin`
}

/** The text, where `…` stands for anything. */
function asPattern(text: string): RegExp {
  return new RegExp(
    `^${text
      .trimEnd()
      .split('…')
      .map((part) => RegExp.escape(part))
      .join('[^]*?')}\\s*$`,
  )
}

interface SchemaPart {
  readonly properties?: Readonly<Record<string, SchemaPart>>
  readonly additionalProperties?: boolean | SchemaPart
  readonly items?: SchemaPart
  readonly anyOf?: readonly SchemaPart[]
  readonly oneOf?: readonly SchemaPart[]
}

/** Paths of all keys; `*` stands for a name of the author's choice, `[]` for an element. */
function keysOf(schema: SchemaPart, at = ''): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const path = at === '' ? name : `${at}.${name}`
    keys.add(path)
    for (const key of keysOf(part, path)) keys.add(key)
  }
  const { additionalProperties: others } = schema
  const inside: [SchemaPart, string][] = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map(
    (part) => [part, at],
  )
  if (typeof others === 'object') inside.push([others, `${at}.*`])
  if (schema.items !== undefined) inside.push([schema.items, `${at}[]`])
  for (const [part, path] of inside) for (const key of keysOf(part, path)) keys.add(key)
  return keys
}

function ownFields(event: object): readonly string[] {
  const { unmapped } = event as { readonly unmapped?: { readonly celosia?: object } }
  return Object.keys(unmapped?.celosia ?? {}).toSorted()
}
