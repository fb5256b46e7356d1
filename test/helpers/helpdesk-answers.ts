/** Bodies in the shape of the shipped policy's fixtures, every personal value a canary. */
import type { Canaries } from './canaries.ts'

/** A user of whom every field that a class names is a canary. */
export function userBody(canaries: Canaries, id = 7): string {
  return canaries.plant(
    JSON.stringify({
      user: {
        id,
        url: 'https://helpdesk.example.com/api/v2/users/{{text:user.url}}',
        name: '{{name:user.name}}',
        email: '{{email:user.email}}',
        phone: '{{phone:user.phone}}',
        role: 'end-user',
        external_id: '{{text:user.external_id}}',
        notes: 'Hard of hearing {{text:user.notes}}',
        details: '{{text:user.details}}',
        tags: ['vip'],
        photo: null,
        user_fields: {
          national_id: '{{text:user.national_id}}',
          card_on_file: '{{card:user.card}}',
          customer_tier: 'standard',
          date_of_birth: '1957-12-09',
        },
        created_at: '2025-09-21T00:00:00Z',
        unlisted: '{{text:user.unlisted}}',
      },
    }),
  )
}

/** What of {@link userBody} an agent under the shipped policy may see: the name, and what masks leave of an address. */
export function userAllowedToAgents(canaries: Canaries): readonly string[] {
  const email = canaries.make('email', 'user.email')
  return [canaries.make('name', 'user.name'), `${email.charAt(0)}***@${email.split('@')[1] ?? ''}`]
}

/** A ticket of whom every field that a class names is a canary. */
export function ticketBody(canaries: Canaries, id = 9): string {
  return canaries.plant(
    JSON.stringify({
      ticket: {
        id,
        subject: 'Paid with {{card:ticket.subject}}',
        description: 'My card is {{card:ticket.card}}',
        requester_id: 7,
        status: 'open',
        custom_fields: [
          { id: 360001, value: '{{card:ticket.card}}' },
          { id: 360002, value: '{{text:ticket.iban}}' },
          { id: 360099, value: '{{text:ticket.custom}}' },
        ],
        satisfaction_rating: { score: 'bad', comment: 'Not with {{card:ticket.comment}}' },
      },
    }),
  )
}
