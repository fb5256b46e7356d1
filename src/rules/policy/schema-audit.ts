/** The part of the policy's schema that is about the audit. */
import { duration, HEADER, map, object, text } from './schema-parts.ts'

const anchor = {
  description: 'A second place for signed checkpoints, out of reach of who can change the store.',
  oneOf: [
    object('In a file.', { file: text('One checkpoint a line. Relative to the policy.') }, [
      'file',
    ]),
    object(
      'In a folder.',
      { folder: text('Each checkpoint a file of its own. Relative to the policy.') },
      ['folder'],
    ),
    object(
      'In an object store.',
      {
        objects: text('The path below which each checkpoint is put (PUT) as an object of its own.'),
        headers: map('Headers of the request.', HEADER, text('Value.'), { maxProperties: 20 }),
        sign: object(
          'Signs the requests, as Amazon S3 and stores like it want it (AWS Signature Version 4).',
          {
            region: text('The region of the store: eu-central-1.'),
            keyId: text('The id of the access key.'),
            secret: text('Its secret.'),
            token: text('The token of keys that are lent for a while.'),
          },
          ['region', 'keyId', 'secret'],
        ),
      },
      ['objects'],
    ),
    object(
      'Behind a URL.',
      {
        url: text('Where each checkpoint is posted to.'),
        headers: map('Headers of the request.', HEADER, text('Value.'), { maxProperties: 20 }),
      },
      ['url'],
    ),
  ],
}

/** `audit`. */
export const audit = object('The audit.', {
  durability: {
    enum: ['strict', 'relaxed'],
    description:
      'relaxed: start on a store that may lose acknowledged records; each record says so.',
  },
  ledger: {
    enum: ['counts', 'locations'],
    description:
      'counts (default): locations by class. locations: by place, rule and operator too, in each record.',
  },
  checkpoints: object('How often the chain is signed.', {
    every: {
      type: 'integer',
      minimum: 1,
      maximum: 100_000,
      description: 'After so many records at the latest. Default 1000.',
    },
    within: duration('And so long after the first of them. Default 60s.'),
  }),
  anchors: { type: 'array', maxItems: 5, items: anchor, description: 'Second places.' },
  retention: {
    ...object(
      'How long records are kept. What is not named is kept for good. Needs keys.checkpoint.',
      {
        records: duration(
          'Accesses, refusals, policies, and the chain that signs them. At least 1d.',
        ),
        findings: duration('Findings. At least 1d.'),
      },
    ),
    minProperties: 1,
  },
  sampleUnlisted: object(
    'Which answers are looked through for personal data that no line names, on routes that show it. Left out: none.',
    {
      oneIn: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000_000,
        description: 'One answer in so many, drawn at random.',
      },
    },
    ['oneIn'],
  ),
  ship: text('A shipping file, beside the policy: the gateway sends its audit to a SIEM itself.'),
  whenUnavailable: {
    enum: ['spool', 'refuse'],
    description:
      'Where Redis is away: spool (default) keeps records on this machine until it is back; refuse: 503.',
  },
  replicas: {
    type: 'integer',
    minimum: 0,
    maximum: 10,
    description: 'Replicas of Redis that must have a record before it counts (WAIT). Default 0.',
  },
})
