/** What becomes of a location that holds a link: it leads to the gateway, or it is masked. */
import type { EditContext, Transformed } from '../../json/program-source.ts'
import type { Upstream } from '../compiled-policy.ts'
import type { Leaf, OperatorInstance } from '../operator.ts'
import { KEEP } from '../operators/shared/marks.ts'
import type { LinkRewriter } from './link-rewriter.ts'

/** What stands for a value that no line names, by its type: a link that is none is one of them. */
const MASKED: Readonly<Record<Leaf['type'], Transformed>> = {
  string: { kind: 'string', text: '[masked]' },
  number: { kind: 'json', json: '0' },
  boolean: { kind: 'json', json: 'false' },
  null: KEEP,
}

/** A document may link to what is only written to; where several routes have the path, that of the first is meant. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Name of the operator. Policies have none for it: it is meant by `links`. */
export const LINK = 'link'

/**
 * Among the operators of classes it is one like any other: with a class that is shown the link is rewritten, with one that is masked
 * the two fall to redact.
 */
export function linkOperator(links: LinkRewriter, upstream: Upstream): OperatorInstance {
  const apply = (value: Leaf, { reader }: EditContext): Transformed => {
    if (value.type !== 'string') return MASKED[value.type]
    if (value.text === '') return KEEP
    const text = METHODS.values()
      .map((method) => links.rewrite(value.text, { upstream, method, reader }))
      .find((led) => led !== undefined)
    return text === undefined ? MASKED.string : { kind: 'string', text }
  }
  return {
    name: LINK,
    id: LINK,
    leaf: { kind: 'transform', apply },
    container: undefined,
    partial: false,
  }
}
