/** The corpus that the recognizers are measured on: whole, the same everywhere, and honest about what is held back. */
import { createHash } from 'node:crypto'
import { test } from 'tap'
import { generateDisguised } from '../helpers/text-corpus/disguises.ts'
import { generateCorpus } from '../helpers/text-corpus/generate.ts'
import type { LabelledText } from '../helpers/text-corpus/generate.ts'
import { GOALS } from '../helpers/text-corpus/goals.ts'
import { HELD_BACK } from '../helpers/text-corpus/templates/held-back.ts'
import {
  LABELLED_SLOTS,
  LANGUAGES,
  OTHER_SLOTS,
} from '../helpers/text-corpus/templates/templates.ts'
import type { TemplateSet } from '../helpers/text-corpus/templates/templates.ts'
import { WRITING } from '../helpers/text-corpus/templates/writing.ts'

const PARTS = ['writing', 'held-back'] as const
const corpora = new Map(PARTS.map((part) => [part, generateCorpus(part)]))
const corpusOf = (part: (typeof PARTS)[number]) => {
  const corpus = corpora.get(part)
  if (corpus === undefined) throw new RangeError(part)
  return corpus
}

test('no template is both looked at and held back, greetings and ends of one word aside', (t) => {
  const texts = (set: TemplateSet): readonly string[] =>
    LANGUAGES.flatMap((language) => [...set[language].lines, ...set[language].decoys])
  const [writing, held] = [texts(WRITING), texts(HELD_BACK)]
  t.ok(writing.length > 100 && held.length > 100)
  t.same(
    held.filter((template) => writing.includes(template)),
    [],
  )
  t.equal(
    new Set([...writing, ...held]).size,
    writing.length + held.length,
    'and none stands twice',
  )
  t.end()
})

test('decoys hold no slot of personal data, and every slot is used', (t) => {
  const labelled = new RegExp(String.raw`\{(?:${LABELLED_SLOTS.join('|')})\}`)
  const used: string[] = []
  for (const set of [WRITING, HELD_BACK]) {
    const all = LANGUAGES.flatMap((language) => Object.values(set[language]).flat()).join('\n')
    const decoys = LANGUAGES.flatMap((language) => set[language].decoys)
    t.same(
      decoys.filter((template) => labelled.test(template)),
      [],
    )
    for (const slot of LABELLED_SLOTS) t.ok(all.includes(`{${slot}}`), slot)
    used.push(all)
  }
  for (const slot of OTHER_SLOTS) t.ok(used.join('').includes(`{${slot}}`), slot)
  t.end()
})

test('labels stand in order, do not overlap and hold no blank at their ends', (t) => {
  const texts: readonly LabelledText[] = [
    ...PARTS.flatMap((part) => corpusOf(part).tickets),
    ...generateDisguised(),
  ]
  for (const { text, labels } of texts) {
    let end = 0
    for (const label of labels) {
      const value = text.slice(label.start, label.end)
      if (label.start < end || value === '' || value !== value.trim())
        t.fail(JSON.stringify(label), { text })
      end = label.end
    }
  }
  t.ok(texts.length > 10_000)
  t.end()
})

test('each kind with a goal has as many spans as a floor needs, and there are as many decoys as the goal says', (t) => {
  for (const part of PARTS) {
    const { tickets, decoys } = corpusOf(part)
    for (const { kind } of GOALS.kinds) {
      const count = tickets.flatMap(({ labels }) => labels).filter((label) => label.kind === kind)
      t.ok(count.length >= GOALS.floorSpansMin, `${part} ${kind}: ${count.length}`)
    }
    t.equal(decoys.length, GOALS.decoys.lines)
    t.ok(decoys.every(({ labels }) => labels.length === 0))
  }
  t.end()
})

test('the corpus is the one that the figures were taken on', (t) => {
  const sha256 = (value: unknown): string =>
    createHash('sha256').update(JSON.stringify(value)).digest('hex')
  const corpora = [corpusOf('writing'), corpusOf('held-back'), generateDisguised()]
  t.same(corpora.map(sha256), [
    '203c915590c9b38b1a58be5ad9d370d99d421ccb5dd25ebadff2a0613749579d',
    'fd0f34096813cb289621cb3821ef65f0fa9a991d4a661f928f88cf9691c5d1a7',
    'dc146135bdfbd93bc5a1ccd7429634016aa718214a94189f7b2de56f569d6181',
  ])
  t.end()
})
