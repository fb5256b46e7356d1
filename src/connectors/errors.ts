/** The errors of connectors. */
import { CelosiaError } from '../core/errors.ts'
import { formatFault, type PolicyFault } from '../rules/policy/fault.ts'

/** A connector has faults, listed in `faults` by line. Nothing of it may be used. */
export class ConnectorInvalidError extends CelosiaError {
  readonly code = 'ERR_CONNECTOR_INVALID'
  readonly faults: readonly PolicyFault[]

  constructor(faults: readonly PolicyFault[]) {
    super(faults.map(formatFault).join('\n'))
    this.faults = faults
  }
}

/** The helpdesk cannot be reached, or answered something that the connector does not expect. Holds no value of it. */
export class ConnectorError extends CelosiaError {
  readonly code = 'ERR_CONNECTOR'
  /** The status that was answered, where one was. */
  readonly status: number | undefined

  constructor(message: string, options?: { readonly cause?: unknown; readonly status?: number }) {
    super(message, options)
    this.status = options?.status
  }
}
