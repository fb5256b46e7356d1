/** One child process: how long the first 180 KB document takes after the warm-up at start. Prints milliseconds. */
import { warmUp } from '../../src/json/warm-up.ts'
import { payloads } from './payloads.ts'
import { R5 } from './rule-sets.ts'
import { engine } from './variants.ts'

const list = payloads().find(({ name }) => name === 'list')?.bytes ?? Buffer.alloc(0)
const mask = engine(R5)
warmUp()
const started = performance.now()
mask(list)
process.stdout.write(String(performance.now() - started))
