/** Ties an operator's JSON Schema to its build function, so that no parameter reaches the latter unchecked. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import type { OperatorDefinition } from '../../operator.ts'
import { OperatorParameterError } from '../errors.ts'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, logger: false })

/**
 * The definition as the registry keeps it: `build` takes anything, checks it against `parameters` and throws
 * {@link OperatorParameterError} where it does not fit. The bare name (`mask: email`) stands for the schema's `default`;
 * an operator whose schema has none needs a parameter.
 */
export function defineOperator<P>(definition: OperatorDefinition<P>): OperatorDefinition {
  const schema: { readonly default?: unknown } | undefined = definition.parameters
  let validate: ValidateFunction | undefined
  return {
    ...definition,
    build: (given, environment) => {
      const parameters = given === undefined ? schema?.default : given
      if (schema === undefined) {
        if (given !== undefined) refuse(definition, 'takes no parameter')
      } else {
        if (parameters === undefined) refuse(definition, 'needs a parameter')
        validate ??= ajv.compile(schema)
        if (!validate(parameters)) refuse(definition, ajv.errorsText(validate.errors, TEXT))
      }
      return definition.build(parameters as P, environment)
    },
  }
}

const TEXT = { dataVar: 'the parameter', separator: '; ' }

interface Described {
  readonly name: string
  readonly example: string
}

function refuse({ name, example }: Described, what: string): never {
  throw new OperatorParameterError(`operator ${name}: ${what}; for example: mask: ${example}`)
}
