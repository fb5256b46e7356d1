/** Counts how often a parser looks at its text, and stops one that does not end. */
import { QueryReader } from '../../../src/json/query/reader.ts'

let left = Number.POSITIVE_INFINITY

class TooManySteps extends Error {}

function step(): void {
  left -= 1
  if (left < 0) throw new TooManySteps('the parser looks at the text too often')
}

// Every look of the parser at its text is one of these three.
const { sees, seesAny, takePattern } = QueryReader.prototype
Object.assign(QueryReader.prototype, {
  sees(this: QueryReader, token: string) {
    step()
    return sees.call(this, token)
  },
  seesAny(this: QueryReader, characters: string) {
    step()
    return seesAny.call(this, characters)
  },
  takePattern(this: QueryReader, pattern: RegExp) {
    step()
    return takePattern.call(this, pattern)
  },
})

/** Runs it, and throws where it takes more steps. */
export function countedSteps<T>(stepsMax: number, run: () => T): T {
  left = stepsMax
  try {
    return run()
  } finally {
    left = Number.POSITIVE_INFINITY
  }
}
