/** The named fragments of a document. */
import { Kind } from 'graphql'
import type { DocumentNode, FragmentDefinitionNode } from 'graphql'

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

/** By name. */
export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments = definitions.flatMap((definition) =>
    definition.kind === Kind.FRAGMENT_DEFINITION ? [definition] : [],
  )
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}
