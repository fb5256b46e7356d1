/** Live answers: pieces as they come, and the times between them. */
import { test } from 'tap'
import { arrivals, DUE } from '../../src/proxy/answer/arrivals.ts'

/** A clock that the test moves. */
function handClock() {
  let ms = 1_000
  return { clock: { nowMs: () => ms, monotonicMs: () => ms }, move: (by: number) => (ms += by) }
}

async function collect(source: AsyncIterable<Buffer | typeof DUE>): Promise<string[]> {
  const got: string[] = []
  for await (const piece of source) got.push(piece === DUE ? 'due' : piece.toString())
  return got
}

test('pieces come through in their order, and the end ends', async (t) => {
  const { clock } = handClock()
  const body = async function* () {
    for (const text of ['a', 'b', 'c']) yield Buffer.from(text)
  }
  t.same(await collect(arrivals(body(), { clock, dueMs: () => undefined, endMs: 10_000 })), [
    'a',
    'b',
    'c',
  ])
})

test('what waits is due in its time, while nothing comes', async (t) => {
  const { clock, move } = handClock()
  const more = Promise.withResolvers<void>()
  let due: number | undefined
  const body = async function* () {
    yield Buffer.from('a')
    await more.promise
    yield Buffer.from('b')
  }
  const got: string[] = []
  for await (const piece of arrivals(body(), { clock, dueMs: () => due, endMs: 100_000 })) {
    got.push(piece === DUE ? 'due' : piece.toString())
    if (piece === DUE) {
      due = undefined
      more.resolve()
    } else if (got.length === 1) {
      due = clock.monotonicMs() + 5
      move(5)
    }
  }
  t.same(got, ['a', 'due', 'b'])
})

test('an answer is ended in its time, though more would come', async (t) => {
  const { clock, move } = handClock()
  const body = async function* () {
    for (;;) {
      yield Buffer.from('a')
      move(400)
    }
  }
  t.same(await collect(arrivals(body(), { clock, dueMs: () => undefined, endMs: 2_000 })), [
    'a',
    'a',
    'a',
  ])
})

test('an answer in which nothing comes is ended too', async (t) => {
  const { clock, move } = handClock()
  const silent = async function* (): AsyncGenerator<Buffer> {
    await new Promise(() => {})
    yield Buffer.alloc(0)
  }
  const collecting = collect(arrivals(silent(), { clock, dueMs: () => undefined, endMs: 1_020 }))
  move(20)
  t.same(await collecting, [])
})

test('what fails while the piece before it is on its way is told in its turn', async (t) => {
  const { clock } = handClock()
  const body = async function* () {
    yield Buffer.from('a')
    throw new Error('the connection ended')
  }
  const got: string[] = []
  const run = async () => {
    for await (const piece of arrivals(body(), { clock, dueMs: () => undefined, endMs: 9_000 })) {
      got.push(String(piece))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  await t.rejects(run(), { message: 'the connection ended' })
  t.same(got, ['a'])
})
