/** Writes test/fixtures/audit-chain: a small journal whose every byte is fixed, for verifiers that others write. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditVectors } from '../test/helpers/audit-vectors.ts'

const directory = join(import.meta.dirname, '../test/fixtures/audit-chain')
mkdirSync(directory, { recursive: true })
for (const [name, text] of await auditVectors()) writeFileSync(join(directory, name), text)
