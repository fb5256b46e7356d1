/** Standard output, one line a record, for collectors that read what a container says. */
import type { Writable } from 'node:stream'
import { connectionFailure } from '../delivery-error.ts'
import { recordEncoder, type RecordFormat } from '../encoder.ts'
import type { Sink } from '../sink.ts'

export interface StdoutSinkOptions extends RecordFormat {
  readonly stream: Writable
}

export function createStdoutSink(options: StdoutSinkOptions): Sink {
  return {
    encode: recordEncoder(options),
    deliver: async (payloads) => {
      const lines = payloads.map(({ text }) => `${text}\n`).join('')
      await new Promise<void>((resolve, reject) => {
        options.stream.write(lines, (error) =>
          error ? reject(connectionFailure(error)) : resolve(),
        )
      })
    },
    close: () => Promise.resolve(),
  }
}
