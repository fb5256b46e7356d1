/** `celosia schema`: the JSON Schemas that the product works by. */
import { RECORD_SCHEMA } from '../audit/record-schema.ts'
import { CONNECTOR_SCHEMA } from '../connectors/schema.ts'
import { POLICY_SCHEMA } from '../rules/policy/schema.ts'
import { SHIP_SCHEMA } from '../shipping/ship-file/schema.ts'
import { UsageError, writeLine } from './command.ts'
import type { Command } from './command.ts'

const SCHEMAS: ReadonlyMap<string, object> = new Map<string, object>([
  ['policy', POLICY_SCHEMA],
  ['ship', SHIP_SCHEMA],
  ['connector', CONNECTOR_SCHEMA],
  ['record', RECORD_SCHEMA],
])

export const schema: Command = {
  name: 'schema',
  summary:
    'Print a JSON Schema: of policies, of the shipping file, of connectors, or of audit records.',
  operands: [...SCHEMAS.keys()].join('|'),
  options: {},
  notes:
    'Editors check a policy against it: # yaml-language-server: $schema=./policies.schema.json',
  run: async (_values, operands, io) => {
    const found = SCHEMAS.get(operands.join(' '))
    if (found === undefined)
      throw new UsageError(`schema takes one word: ${[...SCHEMAS.keys()].join(' or ')}`)
    await writeLine(io.stdout, JSON.stringify(found, null, 2))
    return 0
  },
}
