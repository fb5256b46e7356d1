/** The part of the policy schema that says how callers connect. */
import { object, text } from './schema-parts.ts'

const clients = object(
  'Callers are asked for a certificate (mutual TLS).',
  {
    authorities: text('Whose certificates are believed: a file of PEM, beside the policy.'),
    revoked: text('What the authorities have revoked: a file of CRLs in PEM, one for each.'),
    required: {
      type: 'boolean',
      description: 'Whether who shows none is refused. Default true.',
    },
  },
  ['authorities'],
)

/** The whole of `listen`. */
export const listen = object(
  'How callers connect.',
  {
    tls: object(
      'Callers connect with TLS, 1.2 or later.',
      {
        certificate: text(
          "The gateway's certificate, and what leads to its authority: a PEM file.",
        ),
        key: text('Its private key: a PEM file.'),
        clients,
      },
      ['certificate', 'key'],
    ),
  },
  ['tls'],
)
