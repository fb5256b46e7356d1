/** What every shared log must do. Run by the tests of each implementation. */
import type { Test } from 'tap'
import {
  ENTRY_CHARS_MAX,
  SharedLogUnavailableError,
} from '../../src/identity/shared-log/shared-log.ts'
import type { SharedLog } from '../../src/identity/shared-log/shared-log.ts'

/** Opens another reader and writer of one log, which is empty at first. */
export type OpenLog = () => Promise<SharedLog>

/** Runs the suite. `make` is called for each part of it, so that each has a log of its own. */
export async function sharedLogContract(
  t: Test,
  make: (t: Test) => Promise<OpenLog>,
): Promise<void> {
  await t.test(
    'a reader is given everything once, in order, what was there before it too',
    async (t) => {
      const open = await make(t)
      const [writer, early] = [await open(), await open()]
      t.same(await early.read(), [])
      await writer.append('a')
      await writer.append('b')
      t.same(await early.read(), ['a', 'b'])
      t.same(await early.read(), [])
      const late = await open()
      await writer.append('c')
      t.same(await early.read(), ['c'])
      t.same(await late.read(), ['a', 'b', 'c'])
      t.same(await late.read(), [])
    },
  )
  await t.test('what a writer adds it reads itself', async (t) => {
    const log = await (await make(t))()
    await log.append('a')
    t.same(await log.read(), ['a'])
  })
  await t.test('many writers at once lose nothing', async (t) => {
    const open = await make(t)
    const writers = await Promise.all(Array.from({ length: 8 }, open))
    const reader = await open()
    const expected = writers.flatMap((_, writer) =>
      Array.from({ length: 25 }, (__, index) => `${writer}-${index}`),
    )
    const seen: string[] = []
    const writing = Promise.all(
      writers.map(async (writer, number) => {
        for (let index = 0; index < 25; index += 1) await writer.append(`${number}-${index}`)
      }),
    )
    for (let looks = 0; looks < 20; looks += 1) seen.push(...(await reader.read()))
    await writing
    seen.push(...(await reader.read()))
    t.same(seen.toSorted(), expected.toSorted())
  })
  await t.test('entries are any one line of text up to the limit', async (t) => {
    const log = await (await make(t))()
    const entries = ['{"a":"\\n"}', 'ü€😀', ' spaces ', '7:x', 'x'.repeat(ENTRY_CHARS_MAX)]
    for (const entry of entries) await log.append(entry)
    t.same(await log.read(), entries)
    for (const entry of ['', 'a\nb', 'a\rb', 'x'.repeat(ENTRY_CHARS_MAX + 1)])
      await t.rejects(log.append(entry), SharedLogUnavailableError)
    t.same(await log.read(), [])
  })
}
