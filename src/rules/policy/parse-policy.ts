/** From the text of a policy to a checked document. Names are resolved by compile. */
import type { PolicyDocument } from './document.ts'
import { parseDocument, type DocumentText, type ParsedDocument } from './parse-document.ts'
import { validateDocument } from './validate.ts'

export type ParsedPolicy = ParsedDocument<PolicyDocument>

export type PolicyText = DocumentText

/** Throws PolicyInvalidError with every fault that can be told at this stage. */
export function parsePolicy(text: PolicyText): ParsedPolicy {
  return parseDocument(text, {
    what: 'the policy',
    emptyHint: 'start from config/policies.yaml',
    validate: validateDocument,
  })
}
