/** Puts a plan of faults around what a request works with: services, files, and every command to Redis. */
import { Redis } from 'ioredis'
import { nodeJournalFiles, type JournalFiles } from '../../../src/audit/journal-files.ts'
import type { AppServices } from '../../../src/proxy/app.ts'
import type { TestScope } from '../process.ts'
import type { FaultPlan } from './fault-plan.ts'

/** What is read and never waited for. */
const DATA: ReadonlySet<string> = new Set(['policy'] satisfies (keyof AppServices)[])

/** All services but data. Which of their functions are places is found out while runs are recorded: those that give promises. */
export function faultyServices(services: AppServices, plan: FaultPlan): AppServices {
  const wrapped = Object.entries(services).map(([name, service]: [string, unknown]) => [
    name,
    typeof service === 'object' && service !== null && !DATA.has(name)
      ? faultyObject(name, service, plan)
      : service,
  ])
  return Object.fromEntries(wrapped) as AppServices
}

function faultyObject(name: string, target: object, plan: FaultPlan): object {
  return new Proxy(target, {
    get: (inner, member) => {
      const value: unknown = Reflect.get(inner, member, inner)
      if (typeof value !== 'function' || typeof member !== 'string') return value
      return (...args: unknown[]): unknown =>
        plan.maybeAt(`${name}.${member}`, (): unknown => Reflect.apply(value, inner, args))
    },
  })
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
