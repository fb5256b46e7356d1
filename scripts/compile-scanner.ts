/** Compiles assembly/ to the WebAssembly module that src/json/scanner/module.ts holds. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const OPTIONS =
  '-O3 --converge --runtime stub --noAssert --enable simd --initialMemory 256 --maximumMemory 256 --zeroFilledMemory'
const LINE_CHARS = 92

/** The source file that holds the module. Throws an Error where the compiler does. */
export function scannerSource(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'celosia-scanner-'))
  try {
    const target = join(folder, 'scan.wasm')
    const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')
    const args = [compiler, 'assembly/scan.ts', ...OPTIONS.split(' '), '--outFile', target]
    execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    return sourceOf(readFileSync(target).toString('base64'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function sourceOf(base64: string): string {
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []
  const literals = lines.map((line) => `  '${line}',\n`).join('')
  return `/** The scanner, compiled from assembly/ by \`npm run generate\`, in base64. */
export const SCANNER_MODULE: string = [
${literals}].join('')
`
}
