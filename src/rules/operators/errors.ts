/** What can be wrong with an operator as a policy names it. The compiler of policies adds file, line and column. */
import { CelosiaError } from '../../core/errors.ts'

/** The policy names an operator that the registry does not have. */
export class OperatorUnknownError extends CelosiaError {
  readonly code = 'ERR_POLICY_INVALID'
}

/** The operator exists, but its parameter is not one that it takes, or what it needs (a key) is not configured. */
export class OperatorParameterError extends CelosiaError {
  readonly code = 'ERR_POLICY_INVALID'
}

/** The policy language has the word, but this version cannot do it whole, so it does not start to. */
export class NotSupportedError extends CelosiaError {
  readonly code = 'ERR_NOT_SUPPORTED'
}
