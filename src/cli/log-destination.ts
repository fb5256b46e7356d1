/** Where the log of the gateway goes: standard output, with one write for all lines of a turn of the event loop. */
import { destination as pinoDestination } from 'pino'
import type { DestinationStream } from 'pino'

/** A write for each line costs a twentieth of a request; those whose records became durable together are answered in one turn. */
export function logDestination(): DestinationStream {
  const { write, flush } = inTurns((lines) => output.write(lines))
  // Before pino's own, which writes what it holds: an end by an exception loses no line.
  process.once('exit', flush)
  const output = pinoDestination({ dest: 1, sync: false })
  return { write }
}

/** Lines that are handed on together, at the end of the turn in which they come. */
export interface LinesOfTurn {
  readonly write: (line: string) => void
  /** Hands on what there is at once. */
  readonly flush: () => void
}

/** `take` is given whole lines, in their order. */
export function inTurns(take: (lines: string) => void): LinesOfTurn {
  let lines = ''
  const flush = () => {
    const held = lines
    lines = ''
    if (held !== '') take(held)
  }
  return {
    write: (line) => {
      if (lines === '') setImmediate(flush)
      lines += line
    },
    flush,
  }
}
