/** Operators that take another operator as their parameter. */
import type { Edit, OperatorEnvironment, OperatorInstance, ScanPart } from '../../operator.ts'
import { OperatorParameterError } from '../errors.ts'

/** How a `mask:` value becomes an operator; the registry gives it to the operators that have another one inside. */
export type BuildOperator = (
  maskValue: unknown,
  environment: OperatorEnvironment,
) => OperatorInstance

/** JSON Schema of a `mask:` value, as far as it can be said without the registry; building checks the rest. */
export const MASK_VALUE = { type: ['string', 'object'] } as const

/** Throws where the operator removes values: inside an encoded text there is no member that could be removed. */
export function refuseSuppress(name: string, inner: OperatorInstance): void {
  if (inner.leaf.kind === 'suppress') {
    throw new OperatorParameterError(
      `operator ${name}: cannot have suppress inside; use suppress itself, or redact inside`,
    )
  }
}

// The location is the whole document; that it leaves in part is counted without looking at it.
const UNCOUNTED = (): void => {}

/** What an operator passes on of the `scan` inside of it: the same edit around the one that is bound to a role set. */
export function nestedScan(
  { scan }: OperatorInstance,
  around: (edit: Edit) => Edit,
): { readonly scan?: ScanPart } {
  if (scan === undefined) return {}
  const { classes, bind } = scan
  return {
    scan: {
      classes,
      countsLocation: false,
      bind: (view) => around(bind({ ...view, countLocation: UNCOUNTED })),
      // What is encoded is not looked into for that.
      mayHoldMask: () => true,
    },
  }
}
