/** `celosia schema`: the JSON Schemas that the product works by. */
import { POLICY_SCHEMA } from '../rules/policy/schema.ts'
import { UsageError, writeLine } from './command.ts'
import type { Command } from './command.ts'

export const schema: Command = {
  name: 'schema',
  summary: 'Print the JSON Schema of the policy language.',
  operands: 'policy',
  options: {},
  notes:
    'Editors check a policy against it: # yaml-language-server: $schema=./policies.schema.json',
  run: async (_values, operands, io) => {
    if (operands.join(' ') !== 'policy') throw new UsageError('schema takes one word: policy')
    await writeLine(io.stdout, JSON.stringify(POLICY_SCHEMA, null, 2))
    return 0
  },
}
