/** `celosia audit keys`: the public key of a policy's checkpoints, as a set that the verifier takes. */
import { readFile } from 'node:fs/promises'
import { requiredOption, textOption, UsageError, writeLine } from './command.ts'
import type { Command } from './command.ts'
import { loadPolicy } from './load-policy.ts'

export const auditKeys: Command = {
  name: 'audit keys',
  summary: 'Print the public key that checkpoints are checked by, as a JWKS.',
  operands: '',
  options: {
    config: { type: 'string', value: 'FILE', help: 'the policy', default: 'config/policies.yaml' },
    merge: { type: 'string', value: 'FILE', help: 'a JWKS whose keys are kept beside it' },
  },
  notes:
    'Keep the public keys of all versions in one file: old checkpoints are checked by old keys.',
  run: async (values, _operands, io) => {
    const file = requiredOption(values, 'config')
    const { audit } = loadPolicy({ file, environment: io.environment, mode: 'author' })
    const { signer } = audit.checkpoints
    if (signer === undefined)
      throw new UsageError('the policy has no keys.checkpoint, or its key is not here')
    const { publicJwk, keyId } = signer
    const others = await keysOf(textOption(values, 'merge'))
    const keys = [...others.filter(({ kid }) => kid !== keyId), publicJwk]
    await writeLine(io.stdout, JSON.stringify({ keys }, null, 2))
    return 0
  },
}

interface PublicKey {
  readonly kid?: unknown
}

async function keysOf(path: string | undefined): Promise<readonly PublicKey[]> {
  if (path === undefined) return []
  try {
    const { keys } = JSON.parse(await readFile(path, 'utf8')) as { readonly keys?: unknown }
    if (Array.isArray(keys)) return keys as PublicKey[]
  } catch {
    throw new UsageError('--merge is a file with a JWKS')
  }
  throw new UsageError('--merge is a file with a JWKS')
}
