/** The part of the policy schema that describes GraphQL endpoints. */
import { CLASS, map, NAME, object, text } from './schema-parts.ts'

/** Names of GraphQL (October 2021, 2.1.9) joined by dots. */
const FIELD = '^[_A-Za-z][_0-9A-Za-z]{0,127}\\.[_A-Za-z][_0-9A-Za-z]{0,127}$'
const ARGUMENT = '^[_A-Za-z][_0-9A-Za-z]{0,127}(\\.[_A-Za-z][_0-9A-Za-z]{0,127}){1,2}$'

const names = (pattern: string, description: string) => ({
  type: 'array',
  maxItems: 2000,
  items: { type: 'string', pattern },
  description,
})

/** `routes[].graphql`. */
export const graphql = object(
  'A GraphQL endpoint: classes belong to fields of its schema, whatever a query calls them.',
  {
    schema: text('Its schema in the schema definition language, beside the policy.'),
    fields: map('Where each class is: Type.field, one or several.', CLASS, {
      description: 'One field, or several.',
      anyOf: [
        { type: 'string', pattern: FIELD },
        { ...names(FIELD, 'Type.field'), minItems: 1 },
      ],
    }),
    plain: names(FIELD, 'Fields without personal data: Type.field'),
    arguments: names(
      ARGUMENT,
      'Arguments that may be used: Type.field.argument, and InputType.field of what is given for them.',
    ),
    dataSubjects: {
      type: 'array',
      maxItems: 20,
      description: 'Types whose objects are data subjects.',
      items: object(
        'Objects of a type.',
        {
          kind: text('Part of the pseudonym.', { pattern: NAME }),
          type: text('An object type of the schema.'),
          id: text('Its field with the id.'),
        },
        ['kind', 'type', 'id'],
      ),
    },
    introspection: {
      enum: ['refuse', 'pass'],
      description: 'Whether callers may ask for the schema. Default refuse.',
    },
    limits: object('Bounds of an operation.', {
      depth: { type: 'integer', minimum: 1, maximum: 50, description: 'Nesting. Default 12.' },
      aliases: { type: 'integer', minimum: 0, maximum: 500, description: 'Default 30.' },
      cost: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000_000,
        description: 'Fields, each as often as lists around it are long. Default 5000.',
      },
    }),
  },
  ['schema'],
)
