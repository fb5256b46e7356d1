/** `celosia audit ship` as a process of its own, and what it says of itself. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ShipDocument } from '../../../src/shipping/ship-file/document.ts'
import { startProcess, type RunningProcess, type TestScope } from '../process.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Where it gets records from. */
export type ShipperStore = { readonly redis: string } | { readonly journal: string }

export interface ShipperProcess {
  readonly process: RunningProcess
  readonly metrics: () => Promise<string>
  /** The value of a metric of one sink, or 0. */
  readonly metric: (name: string, sink: string) => Promise<number>
  readonly readiness: () => Promise<{
    readonly ready: boolean
    readonly problems: readonly string[]
  }>
}

export interface ShipperStart {
  /** Its shipping file is written there. */
  readonly directory: string
  readonly file: ShipDocument
  readonly store: ShipperStore
  readonly options?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Writes a shipping file, and gives its path. JSON is YAML. */
export async function writeShipFile(directory: string, file: ShipDocument): Promise<string> {
  const path = join(directory, 'ship.yaml')
  await writeFile(path, JSON.stringify(file))
  return path
}

/** Starts it, and waits until it ships. */
export async function startShipping(t: TestScope, start: ShipperStart): Promise<ShipperProcess> {
  const path = await writeShipFile(start.directory, start.file)
  const store =
    'redis' in start.store ? ['--redis', start.store.redis] : ['--journal', start.store.journal]
  const options = ['--config', path, ...store, '--admin-port', '0', ...(start.options ?? [])]
  const process = await startProcess(
    t,
    globalThis.process.execPath,
    [join(ROOT, 'bin', 'celosia.js'), 'audit', 'ship', ...options],
    {
      cwd: start.directory,
      env: { REDIS_URL: '', ...start.env },
      ready: /"adminAddress"/,
      readyTimeoutMs: 30_000,
      stopTimeoutMs: 15_000,
    },
  )
  const admin = /"adminAddress":"([^"]+)"/.exec(process.stderr())?.[1] ?? ''
  const metrics = async () => (await fetch(`${admin}/metrics`)).text()
  return {
    process,
    metrics,
    metric: async (name, sink) => {
      const text = await metrics()
      const line = text
        .split('\n')
        .find((one) => one.startsWith(`celosia_ship_${name}{sink="${sink}"`))
      return Number(line?.split(' ').at(-1) ?? 0)
    },
    readiness: async () => {
      const answer = await fetch(`${admin}/readyz`)
      return (await answer.json()) as { ready: boolean; problems: string[] }
    },
  }
}

/** Waits until something is so. Rejects after `timeoutMs`, with `what` was waited for. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 120_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
