/** Writes a table to standard output as its rows come, however many there are. */
import { writeLine } from './command.ts'
import type { CommandIo } from './command.ts'
import { TableRows } from './table.ts'

/** Rows that wait for the widths of their columns; those after them keep to these. */
export const ROWS_WAITING_MAX = 1_000

export interface TableWriter {
  readonly add: (row: readonly (string | number | undefined)[]) => Promise<void>
  /** Writes what waits; what is added from then on is written at once. */
  readonly flush: () => Promise<void>
}

/** Nothing is written where there are no rows. */
export function tableWriter(
  header: readonly string[],
  { stdout }: Pick<CommandIo, 'stdout'>,
): TableWriter {
  const rows = new TableRows(header)
  let waits = true
  const write = async (): Promise<void> => {
    for (const line of rows.take()) await writeLine(stdout, line)
  }
  return {
    add: async (row) => {
      rows.add(row)
      if (rows.waiting === ROWS_WAITING_MAX) waits = false
      if (!waits) await write()
    },
    flush: () => {
      waits = false
      return write()
    },
  }
}
