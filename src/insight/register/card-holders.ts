/** The list of roles that may see full card numbers (PCI DSS 4.0.1, 3.4.1), with what the register cannot see. */
import type { RegisteredPolicy, AccessRow } from './access-register.ts'
import { isGranted } from './access-register.ts'

/** The class of card numbers, and all below. */
export const CARD_CLASS = 'payment.card'

export interface CardHolders {
  /** The ways by which a role sees them: in their class, or in texts that it sees in clear. */
  readonly rows: readonly CardRow[]
  /** Where card numbers could leave in clear for every role that may use the route, since nobody looks there. */
  readonly unseen: readonly string[]
}

export interface CardRow {
  readonly row: AccessRow
  /** True where it is a class of texts in which card numbers are looked for. */
  readonly inText: boolean
}

/** Of a register of this policy. */
export function cardHolders(
  { compiled, document }: RegisteredPolicy,
  register: readonly AccessRow[],
): CardHolders {
  const granted = register.filter(isGranted)
  return {
    rows: granted.flatMap((row): readonly CardRow[] => {
      if (isCard(row.class)) return [{ row, inText: false }]
      return row.holds.some(isCard) ? [{ row, inText: true }] : []
    }),
    unseen: [
      ...compiled.routeList.flatMap(({ queries, template }) =>
        queries.unlisted === 'show' ? [`${template.text}: what no line names is shown`] : [],
      ),
      ...document.routes.flatMap(({ match, pass }) =>
        pass === undefined ? [] : [`${match}: files of ${pass.opaque.join(', ')} pass unread`],
      ),
    ],
  }
}

function isCard(name: string): boolean {
  return name === CARD_CLASS || name.startsWith(`${CARD_CLASS}.`)
}
