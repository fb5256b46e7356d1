/** The part of the policy schema that describes bodies of requests. */
import { MEDIA_TYPE_PATTERN } from '../request/media-type.ts'
import { CLASS, map, object, queries, text } from './schema-parts.ts'

const locations = (description: string) => ({
  type: 'array',
  maxItems: 1000,
  items: { type: 'string', minLength: 1, maxLength: 4096 },
  description,
})

/** `routes[].body`. */
export const body = object(
  'What may stand in the body of a request. Left out: no body is taken.',
  {
    types: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      items: { type: 'string', pattern: MEDIA_TYPE_PATTERN },
      description: 'Media types, in lower case: application/json',
    },
    fields: map('Where each class is in the body.', CLASS, queries),
    plain: locations('Leaves without personal data that may be sent.'),
    text: locations('Free text that may be sent; templates of the helpdesk are refused in it.'),
    unlisted: {
      enum: ['refuse', 'pass'],
      description: 'What happens to members that no query names. Default refuse.',
    },
    inbound: {
      enum: ['none'],
      description:
        'The texts of this body are not looked through, whatever `inbound` of the policy says.',
    },
    pass: {
      enum: ['opaque'],
      description: 'Types that are neither JSON nor a form are passed unread; each record says so.',
    },
    fixture: text('A sample body beside the policy, in which every query must match; or `none`.'),
  },
  ['types'],
)
