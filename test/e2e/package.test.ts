/** The npm package as somebody else gets it: packed, installed in an empty folder, and run from there. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { requirePeer } from '../helpers/peers.ts'
import { startProcess } from '../helpers/process.ts'
import { filesOf, ROOT } from '../repository/source-files.ts'

const NPM_TIMEOUT_MS = 180_000
/** What a package is made from. */
const PARTS = [
  'bin',
  'config',
  'demo',
  'docs',
  'scripts',
  'src',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'package.json',
]
const USER = '{"user":{"id":9007199254740993,"email":"jane@example.com"}}'

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface Packed {
  readonly filename: string
  readonly version: string
  readonly files: readonly { readonly path: string }[]
}

test('the package installs in an empty folder, and its commands work there', async (t) => {
  if (!requirePeer(t, 'npm')) return
  const directory = await mkdtemp(join(tmpdir(), 'celosia-package-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const packed = await pack(directory)
  await t.test('it holds JavaScript and what that reads, and nothing else', async (t) =>
    checkFiles(t, packed),
  )
  const installed = await install(directory, packed.filename)
  const celosia = join(installed, 'node_modules/.bin/celosia')

  await t.test('celosia --version', async (t) => {
    t.same(await run(celosia, ['--version'], installed), ended(`${packed.version}\n`))
  })
  await t.test('celosia check', async (t) => {
    const policy = join(installed, 'node_modules/celosia/dist/config/policies.yaml')
    const { code, stderr } = await run(celosia, ['check', policy], installed)
    t.equal(code, 0, stderr)
  })
  await t.test('celosia mask', async (t) => {
    await cp(join(installed, 'node_modules/celosia/dist/config'), join(installed, 'config'), {
      recursive: true,
    })
    const options = ['mask', '--role', 'agent', '--route', 'GET /api/v2/users/7']
    const { code, stdout } = await run(celosia, options, installed, USER)
    t.equal(code, 0)
    t.equal(stdout, USER.replace('jane@example.com', 'j***@example.com'))
  })
  await t.test('celosia demo', async (t) => checkDemo(t, celosia, installed))
})

async function pack(directory: string): Promise<Packed> {
  const checkout = join(directory, 'checkout')
  await mkdir(checkout)
  for (const part of PARTS) await cp(join(ROOT, part), join(checkout, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
  const { code, stdout, stderr } = await run('npm', ['pack', '--json'], checkout)
  if (code !== 0) throw new Error(`npm pack failed:\n${stderr}`)
  const answer = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as
    | Packed[]
    | Record<string, Packed>
  const [packed] = Object.values(answer)
  if (packed === undefined) throw new Error(`npm pack told nothing:\n${stdout}`)
  return { ...packed, filename: join(checkout, packed.filename) }
}

async function install(directory: string, tarball: string): Promise<string> {
  const folder = join(directory, 'empty')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{"private":true}')
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-save']
  const { code, stderr } = await run('npm', ['install', ...options, tarball], folder)
  if (code !== 0) throw new Error(`npm install failed:\n${stderr}`)
  return folder
}

function checkFiles(t: Test, { files }: Packed): void {
  const paths = files.map(({ path }) => path)
  const sources = filesOf('src/**/*.ts', 'demo/**/*.ts').map(({ path }) => path)
  t.same(
    paths.filter((path) => path.startsWith('dist/') && path.endsWith('.js')).sort(),
    sources.map((path) => `dist/${path.replace(/ts$/, 'js')}`).sort(),
  )
  t.same(
    paths.filter((path) => path.endsWith('.ts') || /^(?:test|src|scripts|bench|\.)/.test(path)),
    [],
  )
  for (const path of ['LICENSE', 'README.md', 'bin/celosia.js', 'dist/config/policies.yaml']) {
    t.ok(paths.includes(path), path)
  }
}

async function checkDemo(t: Test, celosia: string, folder: string): Promise<void> {
  const options = ['demo', '--json', '--port', '0', '--admin-port', '0', '--journal', 'journal']
  const running = await startProcess(t, celosia, options, {
    cwd: folder,
    env: { REDIS_URL: '' },
    ready: /\n/,
    readyTimeoutMs: 60_000,
  })
  const { gateway, tokens, examples } = JSON.parse(running.stdout()) as {
    readonly gateway: string
    readonly tokens: Record<string, string>
    readonly examples: readonly string[]
  }
  const answer = await fetch(`${gateway}${examples[0]}`, {
    headers: { authorization: `Bearer ${tokens['agent']}` },
  })
  t.equal(answer.status, 200)
  t.match(await answer.text(), /\*\*\*@/)
  t.match(await running.stop(), { code: 0 })
}

function ended(stdout: string): Ran {
  return { code: 0, stdout, stderr: '' }
}

/** Runs a program with `input` on its standard input, and tells how it ended. */
async function run(file: string, args: readonly string[], cwd: string, input = ''): Promise<Ran> {
  const child = execFile(file, [...args], { cwd, timeout: NPM_TIMEOUT_MS, encoding: 'utf8' })
  child.stdin?.end(input)
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (text: string) => {
      texts[name] += text
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? 1, ...texts }
}
