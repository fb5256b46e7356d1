/**
 * What the container promises, read from its files: there is no engine here that could build it. The image has never to be
 * root, writes nowhere but into its volume, and asks itself whether it is alive without any program but Node.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { parse } from 'yaml'
import { allCommands } from '../../src/cli/commands.ts'
import { filesOf, ROOT } from './source-files.ts'

const instructions = dockerInstructions(textOf('Dockerfile'))
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))

test('the image is made of two stages of the slim Node that package.json asks for', (t) => {
  const from = argumentsOf('FROM', instructions)
  const { engines } = JSON.parse(textOf('package.json')) as { engines: { node: string } }
  const major = /\d+/.exec(engines.node)?.[0] ?? ''
  t.same(from, [`node:${major}-slim AS packages`, `node:${major}-slim`])
  t.match(argumentsOf('RUN', instructions)[0], /^npm ci --omit=dev --ignore-scripts\b/)
  t.notMatch(
    argumentsOf('RUN', lastStage).join('\n'),
    /apt-get|npm (?:ci|install)|curl|wget/,
    'nothing is installed in the stage that runs',
  )
  t.end()
})

test('it runs as a user who is not root, by number', (t) => {
  t.same(argumentsOf('USER', lastStage), ['10001:10001'])
  const after = lastStage.slice(lastStage.findIndex(({ name }) => name === 'USER'))
  t.notOk(
    after.some(({ name }) => name === 'RUN' || name === 'COPY'),
    'nothing is made after it, so everything but the volume belongs to root',
  )
  t.notMatch(textOf('Dockerfile'), /--chown/)
  t.end()
})

test('the journal is in its volume, which is all that the user may write', (t) => {
  t.same(argumentsOf('VOLUME', lastStage), ['["/var/lib/celosia"]'])
  t.match(argumentsOf('ENV', lastStage).join(' '), /CELOSIA_JOURNAL=\/var\/lib\/celosia\/audit\b/)
  t.match(argumentsOf('ENV', lastStage).join(' '), /CELOSIA_SPOOL=\/var\/lib\/celosia\/spool\b/)
  t.match(argumentsOf('RUN', lastStage).join(' '), /chown 10001:10001 \/var\/lib\/celosia\b/)
  t.end()
})

test('it asks Node whether it is alive, where `serve` tells', async (t) => {
  const [check = ''] = argumentsOf('HEALTHCHECK', lastStage)
  t.match(check, /--interval=\S+ --timeout=\S+ --start-period=\S+ --retries=\d/)
  const [program, option, script = ''] = JSON.parse(check.slice(check.indexOf('['))) as string[]
  t.same([program, option], ['node', '--eval'])
  const address = `127.0.0.1:${serveOptions().get('admin-port')}/livez`
  t.match(script, address)

  let status = 200
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/livez' ? status : 404).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const ask = async () => {
    const there = script.replace(address, `127.0.0.1:${port}/livez`)
    const [code] = await once(spawn(process.execPath, ['--eval', there]), 'close')
    return code as number
  }
  t.equal(await ask(), 0, 'alive')
  status = 500
  t.equal(await ask(), 1, 'not well')
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  t.equal(await ask(), 1, 'not there')
})

test('it starts `serve` with options that there are, reachable for callers and not for probes', async (t) => {
  const options = serveOptions()
  const serve = (await allCommands()).find(({ name }) => name === 'serve')
  for (const name of options.keys()) t.ok(name in (serve?.options ?? {}), `--${name}`)
  t.equal(options.get('host'), '0.0.0.0')
  t.equal(options.get('admin-host'), '127.0.0.1')
  t.same(argumentsOf('EXPOSE', lastStage), [options.get('port')])
  t.same(execForm('ENTRYPOINT'), ['node', '/opt/celosia/bin/celosia.js'])
})

test('what the image copies is there and not ignored, and nothing else gets in', (t) => {
  const copied = argumentsOf('COPY', instructions)
    .filter((text) => !text.startsWith('--from'))
    .flatMap((text) => text.split(' ').slice(0, -1))
  const [first, ...rest] = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  t.equal(first, '*', 'everything is ignored that is not named')
  t.same(new Set(rest.map((line) => line.replace('!', ''))), new Set(copied))
  for (const path of copied) t.ok(existsSync(join(ROOT, path)), path)
  t.end()
})

test('the example for compose takes away what the gateway does not need', (t) => {
  const { services, networks } = parse(textOf('deploy/container/compose.yaml')) as {
    services: Record<string, Record<string, unknown>>
    networks: Record<string, unknown>
  }
  for (const [name, service] of Object.entries(services)) {
    t.match(service, { read_only: true, cap_drop: ['ALL'] }, name)
    t.same(service['security_opt'], ['no-new-privileges:true'], name)
    t.notOk('privileged' in service, name)
  }
  t.match(networks['audit'], { internal: true })
  const command = String(services['redis']?.['command']).replaceAll(',', ' ')
  t.match(command, /--appendonly yes --appendfsync always --maxmemory-policy noeviction/)
  const [policy] = filesOf('config/policies.yaml')
  const variables = [...(policy?.text ?? '').matchAll(/\$\{(\w+)\}|env: (\w+)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  )
  const environment = services['celosia']?.['environment'] as Record<string, string>
  for (const name of variables) t.ok(name in environment, `${name} is handed over`)
  t.end()
})

interface Instruction {
  readonly name: string
  readonly text: string
}

function textOf(path: string): string {
  const [file] = filesOf(path)
  if (file === undefined) throw new Error(`${path} is not there`)
  return file.text
}

function dockerInstructions(text: string): readonly Instruction[] {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({
      name: line.slice(0, line.indexOf(' ')),
      text: line.slice(line.indexOf(' ') + 1),
    }))
}

function argumentsOf(name: string, from: readonly Instruction[]): readonly string[] {
  return from.filter((instruction) => instruction.name === name).map(({ text }) => text)
}

function execForm(name: string): readonly string[] {
  return JSON.parse(argumentsOf(name, lastStage)[0] ?? '[]') as readonly string[]
}

function serveOptions(): ReadonlyMap<string, string> {
  const [command, ...words] = execForm('CMD')
  if (command !== 'serve') throw new Error('the image does not start serve')
  const text = ` ${words.join(' ')}`
  return new Map(
    [...text.matchAll(/ --(\S+) (\S+)/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
  )
}
