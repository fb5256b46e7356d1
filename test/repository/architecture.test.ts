/** The order of folders: who may import whom, and what may not be reached from where. */
import { dirname, posix } from 'node:path'
import { test } from 'tap'
import { filesOf, specifiersOf } from './source-files.ts'

/** Floors from the top down. A file imports its own folder and floors below; never above, never a sibling. */
const FLOORS: readonly (readonly string[])[] = [
  ['main.ts'],
  ['cli'],
  ['gateway.ts'],
  ['proxy', 'retention', 'redaction', 'insight', 'shipping'],
  ['connectors'],
  ['identity', 'keys', 'audit', 'detection'],
  ['rules'],
  ['recognizers'],
  ['json'],
  ['core'],
]
const FILES_MIN = 100

/** Packages that only some places may load, and why. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // A second opinion for authors; it never decides what leaves.
  'jsonpath-plus': ['src/cli/second-opinion.ts'],
  canonicalize: ['src/audit/chain/'],
  'libphonenumber-js': ['src/recognizers/checks/phone-plans.ts'],
  stdnum: ['src/recognizers/kinds/national-numbers.ts'],
  htmlparser2: ['src/recognizers/view/markup.ts'],
  entities: ['src/recognizers/view/decode.ts', 'src/rules/self-test/plain-views.ts'],
  jose: ['src/identity/', 'src/keys/jws-signer.ts', 'src/keys/encrypted-text.ts', 'demo/'],
  'openid-client': ['src/identity/sessions/login-client.ts'],
  ioredis: ['src/core/redis-connection.ts'],
  'prom-client': ['src/proxy/', 'src/shipping/'],
  'structured-headers': ['src/proxy/'],
  fastify: ['src/proxy/'],
  '@fastify/http-proxy': ['src/proxy/'],
  pino: ['src/proxy/', 'src/cli/'],
  yaml: ['src/rules/policy/'],
  // Patches are for people to look at; nothing is decided by them.
  diff: ['src/insight/suggest/policy-patch.ts'],
  'ajv/dist/2020.js': ['src/rules/', 'src/identity/', 'src/proxy/unblocks/'],

  graphql: ['src/rules/graphql/', 'src/rules/compile/graphql.ts'],
  // Its parser is driven by hand, in one place.
  'csv-parse': ['src/json/formats/table-reader.ts'],
  '@noble/ciphers/ff1.js': ['src/keys/ff1.ts'],
  '@noble/ciphers/chacha.js': ['src/keys/xchacha-sealer.ts'],
}

/** Modules of Node that reach out of the process. The floors from `rules` down to `json` decide, and do nothing. */
const OUTSIDE =
  /^node:(?:fs|net|http|https|http2|dns|tls|dgram|child_process|worker_threads|timers|process|cluster)(?:\/|$)/

const BARE_BUILT_IN =
  /^(?:assert|buffer|crypto|dns|events|fs|http|https|net|os|path|process|stream|timers|tls|url|util|zlib)(?:\/|$)/

const sources = filesOf('src/**/*.ts')
const imports = new Map(sources.map(({ path, text }) => [path, specifiersOf(text)]))

test(`more than ${FILES_MIN} files are looked at, and their imports are seen`, (t) => {
  t.ok(sources.length > FILES_MIN, `${sources.length} files`)
  const without = sources.filter(({ path }) => imports.get(path)?.length === 0)
  t.ok(without.length < sources.length / 4, 'most files import something')
  t.same(specifiersOf("import { a } from './a.ts'\nimport type {\n  B,\n} from 'b'\n"), [
    './a.ts',
    'b',
  ])
  t.same(specifiersOf("import './c.ts'\nexport { d } from './d.ts'\n  await import('./e.ts')\n"), [
    './c.ts',
    './d.ts',
    './e.ts',
  ])
  t.same(specifiersOf("/** from './a.ts' */\n// import './b.ts'\nconst text = 'from x'\n"), [])
  t.end()
})

test('every file stands on a floor', (t) => {
  for (const { path } of sources) t.ok(floorOf(path) >= 0, path)
  t.end()
})

test('a file imports its own folder and the floors below, and nothing else of ours', (t) => {
  for (const [path, specifiers] of imports) {
    const wrong = specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => resolved(path, specifier))
      .filter((target) => target.startsWith('src/') && !isBelow(path, target))
    t.same(wrong, [], `${path} imports nothing above it or beside it`)
  }
  t.end()
})

test('relative imports end in .ts, and those of Node begin with node:', (t) => {
  for (const { path, text } of filesOf('{src,demo,scripts,bench,test}/**/*.ts')) {
    const wrong = specifiersOf(text).filter((specifier) =>
      specifier.startsWith('.') ? !specifier.endsWith('.ts') : BARE_BUILT_IN.test(specifier),
    )
    t.same(wrong, [], path)
  }
  t.end()
})

test('only `celosia demo` reaches the demo, and the gateway never does', (t) => {
  const reaching = [...imports].filter(([path, specifiers]) =>
    specifiers.some((specifier) => resolved(path, specifier).startsWith('demo/')),
  )
  t.same(
    reaching.map(([path]) => path),
    ['src/cli/demo.ts'],
  )
  for (const entry of ['src/cli/serve.ts', 'src/gateway.ts']) {
    const outside = [...closureOf(entry)].filter((path) => !path.startsWith('src/'))
    t.same(outside, [], `${entry} leads to nothing outside of src`)
    t.ok(closureOf(entry).size > FILES_MIN / 2, `${entry} leads to much of src`)
  }
  t.end()
})

test('the demo imports nothing of the product but its basic words', (t) => {
  for (const { path, text } of filesOf('demo/**/*.ts')) {
    const targets = specifiersOf(text).map((name) => resolved(path, name))
    const wrong = targets.filter((name) => name.startsWith('src/') && !name.startsWith('src/core/'))
    t.same(wrong, [], path)
  }
  t.end()
})

test('a package is loaded only where it belongs', (t) => {
  for (const { path, text } of filesOf('{src,demo}/**/*.ts')) {
    for (const name of specifiersOf(text)) {
      const places = PACKAGES[name] ?? PACKAGES[packageOf(name)]
      if (places === undefined) continue
      t.ok(
        places.some((place) => path.startsWith(place)),
        `${path} may load ${name}`,
      )
    }
  }
  t.end()
})

test('rules, recognizers and json reach nothing outside of the process', (t) => {
  for (const [path, specifiers] of imports) {
    if (!/^src\/(?:rules|recognizers|json)\//.test(path)) continue
    t.same(
      specifiers.filter((name) => OUTSIDE.test(name)),
      [],
      path,
    )
  }
  t.end()
})

function floorOf(path: string): number {
  const [, room = ''] = path.split('/')
  return FLOORS.findIndex((rooms) => rooms.includes(room))
}

function isBelow(from: string, to: string): boolean {
  const sameRoom = from.split('/')[1] === to.split('/')[1]
  return sameRoom || floorOf(to) > floorOf(from)
}

function resolved(from: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(dirname(from), specifier) : specifier
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function closureOf(entry: string): ReadonlySet<string> {
  const seen = new Set([entry])
  for (const path of seen) {
    for (const specifier of imports.get(path) ?? []) {
      if (specifier.startsWith('.')) seen.add(resolved(path, specifier))
    }
  }
  return seen
}
