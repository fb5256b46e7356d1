/** A customer of the tracker and a ticket of hers, with a canary in every field that can hold something about her. */
import { createCanaries, type Canaries } from '../../helpers/canaries.ts'
import type { RequestTracker } from '../../helpers/request-tracker.ts'

/** Her values, by the class that the policy gives them. */
export interface Planted {
  readonly canaries: Canaries
  readonly values: Readonly<Record<string, readonly string[]>>
  readonly email: string
  readonly card: string
  readonly userId: number
  readonly ticketId: number
  readonly transactionIds: readonly number[]
  readonly attachmentIds: readonly number[]
}

interface Items {
  readonly items: readonly { readonly id: string }[]
}

/** Makes them through the tracker's own interface. */
export async function plant({ ask }: RequestTracker): Promise<Planted> {
  const canaries = createCanaries(20_261)
  const text = (field: string) => canaries.make('text', field)
  const email = canaries.make('email', 'EmailAddress')
  const card = canaries.make('card', 'Payment card')
  const values = {
    'person.name': [canaries.make('name', 'RealName')],
    'person.login': [text('Name')],
    'contact.email': [email],
    'contact.phone': ['HomePhone', 'MobilePhone', 'WorkPhone'].map((n) =>
      canaries.make('phone', n),
    ),
    'contact.address': ['Address1', 'Address2', 'City', 'Organization'].map(text),
    'id.national': [text('National ID'), text('Customer DNI'), text('Customer DNI before')],
    'payment.iban': [text('Bank account'), text('Customer IBAN')],
    'payment.card': [card],
    'text.note': [text('Comments')],
    'text.conversation': ['Subject', 'Subject before', 'Content', 'Reply', 'File', 'File name'].map(
      text,
    ),
  }
  const [home, mobile, work] = values['contact.phone']
  const [address1, address2, city, organization] = values['contact.address']
  const [subject, subjectBefore, content, reply, file, fileName] = values['text.conversation']
  const [nationalId, dni, dniBefore] = values['id.national']
  const [account, iban] = values['payment.iban']

  await ask('POST', '/user', {
    Name: values['person.login'][0],
    RealName: values['person.name'][0],
    EmailAddress: email,
    HomePhone: home,
    MobilePhone: mobile,
    WorkPhone: work,
    Address1: address1,
    Address2: address2,
    City: city,
    Organization: organization,
    Comments: values['text.note'][0],
    Privileged: 0,
    CustomFields: { 'National ID': nationalId, 'Bank account': account },
  })
  const ticket = (await ask('POST', '/ticket', {
    Queue: 'Billing',
    Subject: subjectBefore,
    Requestor: email,
    Content: `${content}\nMi correo es ${email}, mi tarjeta ${spaced(card)}.`,
    ContentType: 'text/plain',
    CustomFields: {
      'Customer DNI': dniBefore,
      'Customer IBAN': iban,
      'Payment card': card,
      Tier: 'gold',
    },
    Attachments: [
      {
        FileName: `${fileName}.csv`,
        FileType: 'text/csv',
        FileContent: btoa(`${file};${card};${email}\n`),
      },
    ],
  })) as { readonly id: string }
  const path = `/ticket/${ticket.id}`
  await ask('PUT', path, {
    Subject: subject,
    Priority: '50',
    CustomFields: { 'Customer DNI': dni },
  })
  await ask('POST', `${path}/correspond`, {
    Content: `<p>${reply}: <b>${spaced(card).replace(' ', '</b>&nbsp;')}</p>`,
    ContentType: 'text/html',
    Subject: `Re: ${subject}`,
  })
  const found = (await ask('POST', '/users', [{ field: 'EmailAddress', value: email }])) as Items
  const byLogin = (await ask('GET', `/user/${found.items[0]?.id}`)) as { readonly id: number }
  const history = (await ask('GET', `${path}/history?per_page=100`)) as Items
  const attachments = (await ask('GET', `${path}/attachments?per_page=100`)) as Items
  return {
    canaries,
    values,
    email,
    card,
    userId: byLogin.id,
    ticketId: Number(ticket.id),
    transactionIds: history.items.map(({ id }) => Number(id)),
    attachmentIds: attachments.items.map(({ id }) => Number(id)),
  }
}

/** As people write it. */
function spaced(card: string): string {
  return card.match(/.{1,4}/g)?.join(' ') ?? card
}
