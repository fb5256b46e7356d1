/**
 * The log: fixed messages and named fields. There is no way to hand it a header, a body, an address with parameters or
 * an error's message, because any of them can hold a value.
 */
import { pino } from 'pino'
import type { DestinationStream } from 'pino'
import { CelosiaError } from '../core/errors.ts'
import { isoTime } from '../core/clock.ts'
import type { Clock } from '../core/clock.ts'

/** Fields that a line may carry. */
export interface LogFields {
  readonly requestId?: string
  readonly route?: string | undefined
  readonly status?: number
  readonly upstreamStatus?: number | undefined
  readonly reason?: string | undefined
  readonly durationMs?: number
  readonly policy?: string
  readonly address?: string
  readonly adminAddress?: string
  readonly faults?: number
  readonly looser?: number
  readonly unclear?: number
  readonly stricter?: number
  readonly durability?: string
  readonly problem?: string | undefined
  readonly shipping?: string
  readonly sink?: string
  readonly records?: number
  readonly waitMs?: number
  readonly position?: string
}

export interface Logger {
  readonly info: (message: string, fields?: LogFields) => void
  readonly warn: (message: string, fields?: LogFields) => void
  /** Something failed: written with the error's name, code and stack frames, never its message. */
  readonly failure: (message: string, error: unknown, fields?: LogFields) => void
}

const FRAMES_MAX = 12

export function createLogger(destination: DestinationStream, level: string, clock: Clock): Logger {
  const log = pino(
    { level, base: null, timestamp: () => `,"time":"${isoTime(clock.nowMs())}"` },
    destination,
  )
  return {
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    failure: (message, error, fields) => log.error({ ...fields, error: describe(error) }, message),
  }
}

interface ErrorDescription {
  readonly name: string
  readonly code: string | undefined
  readonly frames: readonly string[] | undefined
  readonly cause: ErrorDescription | undefined
}

function describe(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error))
    return { name: typeof error, code: undefined, frames: undefined, cause: undefined }
  const code = (error as { code?: unknown }).code
  const ours = error instanceof CelosiaError
  return {
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    frames: ours ? undefined : frames(error),
    cause: error.cause === undefined || depth >= 3 ? undefined : describe(error.cause, depth + 1),
  }
}

// The first lines of a stack repeat the message; only lines that name a place are kept.
function frames(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at [^"']*$/.test(line))
    .slice(0, FRAMES_MAX)
    .map((line) => line.trim())
}
