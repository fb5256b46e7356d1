/** `celosia check`: every fault of a policy with its line and a hint. */
import { counted } from '../core/counted.ts'
import { PolicyInvalidError } from '../rules/policy/fault.ts'
import { UsageError, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { secondOpinion } from './second-opinion.ts'

export const check: Command = {
  name: 'check',
  summary: 'Check a policy: every fault with file, line, column and a hint.',
  operands: 'FILE',
  options: {},
  notes: [
    'Exit 0 where the policy would be loaded, 3 where not. Variables and keys that are not set here are notes: serve needs them.',
    'Notes also tell where jsonpath-plus, whose dialect many know, would select other nodes of a fixture than RFC 9535 does.',
  ].join('\n'),
  run: async (_values, operands, io) => {
    const [file] = operands
    if (file === undefined || operands.length > 1) throw new UsageError('check takes one file')
    try {
      const { compiled, notes } = loadPolicy({ file, environment: io.environment, mode: 'author' })
      for (const note of [...notes, ...secondOpinion(file, compiled)])
        await writeLine(io.stdout, `note: ${note}`)
      await writeLine(
        io.stdout,
        `${file}: ${counted(compiled.routeList.length, 'route')}, ${counted(compiled.roles.size, 'role')}, no faults (sha256 ${compiled.sha256})`,
      )
      return 0
    } catch (error) {
      if (!(error instanceof PolicyInvalidError)) throw error
      await writeLine(io.stderr, error.message)
      await writeLine(io.stderr, counted(error.faults.length, 'fault'))
      return 3
    }
  },
}
