/** What becomes of a cursor that carries data: it leaves sealed, and comes back to the same route by the same subject. */
import type { EditContext, Transformed } from '../../json/program-source.ts'
import type { Leaf, OperatorInstance } from '../operator.ts'
import { KEEP } from '../operators/shared/marks.ts'
import { SEALED_UNITS_MAX } from '../sealer.ts'

/** Where nobody is there to seal for, as when a policy is tried. */
const UNSEALED: Transformed = { kind: 'string', text: '[sealed]' }

/** `place`: the route that takes the cursor back. */
export function sealOperator(place: string): OperatorInstance {
  const apply = (value: Leaf, { reader }: EditContext): Transformed => {
    if (value.type === 'null' || value.text === '') return KEEP
    const fits = value.text.length <= SEALED_UNITS_MAX && value.text.isWellFormed()
    if (reader?.seal === undefined || !fits) return UNSEALED
    return { kind: 'string', text: reader.seal(place, value.text) }
  }
  return {
    name: 'seal',
    id: `seal(${place})`,
    leaf: { kind: 'transform', apply },
    container: undefined,
    partial: false,
  }
}
