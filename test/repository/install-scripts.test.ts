/** What runs while packages are installed is decided by name. */
import { readFile } from 'node:fs/promises'
import { test } from 'tap'

test('each package that has an install script is named in allowScripts, and only node may run its own', async (t) => {
  const { allowScripts } = await json<{ allowScripts: Record<string, boolean> }>('package.json')
  const { packages } = await json<{ packages: Record<string, Locked> }>('package-lock.json')
  const scripted = Object.entries(packages)
    .filter(([, { hasInstallScript, optional }]) => hasInstallScript === true && optional !== true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
  t.same(Object.keys(allowScripts).toSorted(), [...new Set(scripted)].toSorted())
  const allowed = Object.keys(allowScripts).filter((name) => allowScripts[name] === true)
  t.same(allowed, ['node'])
})

interface Locked {
  readonly hasInstallScript?: boolean
  readonly optional?: boolean
}

async function json<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')) as T
}
