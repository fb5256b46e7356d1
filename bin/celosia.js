#!/usr/bin/env node
/** Starts the program: the sources as they are in a checkout, the JavaScript made of them in an installed package. */
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR_MIN = 26

const [major] = process.versions.node.split('.')
if (Number(major) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `celosia needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}. In a clone \`npx celosia\` finds the right one.\n`,
  )
  process.exit(5)
}
const sources = new URL('../src/main.ts', import.meta.url)
if (existsSync(sources)) {
  // Types are stripped once and not at every start. Beside the dependencies, where only the owner of the checkout writes.
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/celosia', import.meta.url)))
  await import(sources)
} else {
  await import(new URL('../dist/src/main.js', import.meta.url))
}
