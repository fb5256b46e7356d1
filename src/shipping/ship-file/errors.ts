/** The error of the shipping file. */
import { CelosiaError } from '../../core/errors.ts'
import { formatFault, type PolicyFault } from '../../rules/policy/fault.ts'

/** The shipping file has faults, listed in `faults` by line. Nothing of it may be used. */
export class ShippingInvalidError extends CelosiaError {
  readonly code = 'ERR_SHIPPING_INVALID'
  readonly faults: readonly PolicyFault[]

  constructor(faults: readonly PolicyFault[]) {
    super(faults.map(formatFault).join('\n'))
    this.faults = faults
  }
}
