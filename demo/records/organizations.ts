/** The organizations of the sample helpdesk, in Zendesk's shape. */
import type { Random } from '../random.ts'
import { instant, NEW_YEAR_SECONDS, number, STORED_ORIGIN } from './source-text.ts'
import type { Values } from './values.ts'

export interface Organization {
  readonly id: string
  readonly record: object
}

const KINDS = ['Bakery', 'Logística', 'Optik', 'Atelier', 'Travel', 'Garden Centre'] as const
const PLACES = ['Harbour', 'Poniente', 'Nordlicht', 'Mimosa'] as const

/** One organization for each pair of place and kind. */
export function makeOrganizations(random: Random, values: Values): readonly Organization[] {
  return PLACES.flatMap((place) => KINDS.map((kind) => ({ place, kind }))).map(
    ({ place, kind }, index) => {
      const id = values.id(index % 6 === 0)
      const domain = `${place}-${kind}`.toLowerCase().replaceAll(' ', '-').replaceAll('í', 'i')
      const createdSeconds = NEW_YEAR_SECONDS - 86_400 * (400 + random.below(900))
      const record = {
        id: number(id),
        url: `${STORED_ORIGIN}/api/v2/organizations/${id}`,
        name: `${place} ${kind}`,
        domain_names: [`${domain}.example.com`],
        details: `Invoices to ${values.email(`accounts.${domain}`)}`,
        notes: `Switchboard ${values.phone('us')}, opens at 09:00`,
        group_id: number('360900'),
        shared_tickets: false,
        shared_comments: false,
        external_id: `crm-org-${1000 + index}`,
        tags: ['business', place.toLowerCase()],
        organization_fields: {
          contract: random.pick(['basic', 'plus', 'premium']),
          // The zeros at the end must survive the way through a proxy.
          discount_percent: number(random.pick(['0.0', '2.50', '10.00'])),
          vat_number: `XX${random.digits(9)}`,
          contact_name: null,
        },
        created_at: instant(createdSeconds),
        updated_at: instant(createdSeconds + 86_400 * random.below(300)),
      }
      return { id, record }
    },
  )
}
