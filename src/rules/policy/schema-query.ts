/** The part of the policy schema that describes query parameters. */
import { REQUEST_TYPES, VALUE_TYPES } from '../routing/parameter-types.ts'
import { map, object } from './schema-parts.ts'

/** Names of query parameters. */
const PARAMETER_NAME = '^[A-Za-z0-9_.$\\[\\]-]{1,64}$'

const values = {
  type: 'array',
  minItems: 1,
  maxItems: 200,
  items: { type: ['string', 'number', 'boolean'] },
}

/** A type, or the list of allowed values. */
export const single = [{ enum: VALUE_TYPES }, values]

const list = object(
  'Several values at once.',
  {
    list: { description: 'The type of each value, or the allowed values.', anyOf: single },
    max: { type: 'integer', minimum: 1, maximum: 1000, description: 'Values. Default 100.' },
    repeated: {
      type: 'boolean',
      description: 'One parameter for each value, instead of one for all with commas.',
    },
  },
  ['list'],
)

/** `routes[].query`. Said of text and of maps at once, so that a fault inside of the map is told where it stands. */
export const query = {
  ...map(
    'Query parameters that are passed on; or `any`, said aloud.',
    PARAMETER_NAME,
    {
      description: 'A type, the list of allowed values, or a list.',
      anyOf: [{ enum: REQUEST_TYPES }, values, list],
    },
    { maxProperties: 50 },
  ),
  type: ['object', 'string'],
  pattern: '^any$',
}
