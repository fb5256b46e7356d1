/** Puts a plan of faults around what a request works with: services, files, and every command to Redis. */
import { Redis } from 'ioredis'
import { nodeJournalFiles, type JournalFiles } from '../../../src/audit/journal-files.ts'
import type { AppServices } from '../../../src/proxy/app.ts'
import type { TestScope } from '../process.ts'
import type { FaultPlan } from './fault-plan.ts'

/** Those whose functions are looked through. Each function that gives a promise is a place. */
const WITH_WAITS = ['verifier', 'audit', 'counter', 'revocations', 'refusals', 'late'] as const

export function faultyServices(services: AppServices, plan: FaultPlan): AppServices {
  const wrapped = Object.fromEntries(
    WITH_WAITS.map((name) => [name, faultyObject(name, services[name], plan)]),
  )
  return { ...services, ...wrapped }
}

function faultyObject<T extends object>(name: string, target: T, plan: FaultPlan): T {
  return new Proxy(target, {
    get: (inner, member) => {
      const value: unknown = Reflect.get(inner, member, inner)
      if (typeof value !== 'function' || typeof member !== 'string') return value
      return (...args: unknown[]): unknown => {
        const call = (): unknown => Reflect.apply(value, inner, args)
        return isWait(name, member) ? plan.at(`${name}.${member}`, async () => call()) : call()
      }
    },
  })
}

// Found out by calling it once would do it twice: so by what it is declared to be.
const WITHOUT_WAITS = new Set([
  'audit.problem',
  'late.add',
  'late.waiting',
  'refusals.add',
  'refusals.start',
  'revocations.isRevoked',
  'revocations.problem',
])

function isWait(name: string, member: string): boolean {
  return !WITHOUT_WAITS.has(`${name}.${member}`)
}

/** The files of a journal. */
export function faultyFiles(plan: FaultPlan): JournalFiles {
  return {
    ...nodeJournalFiles,
    create: async (path) => {
      const file = await plan.at('files.create', () => nodeJournalFiles.create(path))
      return {
        write: (bytes) => plan.at('files.write', () => file.write(bytes)),
        datasync: () => plan.at('files.datasync', () => file.datasync()),
        truncate: (bytes) => file.truncate(bytes),
        close: () => file.close(),
      }
    },
  }
}

/** Every command to Redis, of whichever client of this process. Undone with the test. */
export function faultyRedis(t: TestScope, plan: FaultPlan): void {
  const { prototype } = Redis as unknown as { prototype: { sendCommand: SendCommand } }
  const original = prototype.sendCommand
  prototype.sendCommand = function (this: unknown, command, ...rest) {
    return plan.at(`redis.${command.name}`, async () =>
      Reflect.apply(original, this, [command, ...rest]),
    )
  }
  t.teardown(() => {
    prototype.sendCommand = original
  })
}

type SendCommand = (
  this: unknown,
  command: { readonly name: string },
  ...rest: unknown[]
) => Promise<unknown>
