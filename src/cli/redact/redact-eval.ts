/** `celosia redact eval`: how well the recognizers of a policy do on labelled texts. */
import { readBounded } from '../../core/read-bounded.ts'
import { RECOGNIZERS } from '../../recognizers/registry.ts'
import type { Scanner } from '../../recognizers/scanner.ts'
import { byConfidence, endOf, mergeOverlaps, startOf } from '../../recognizers/span.ts'
import { RedactionInputError } from '../../redaction/errors.ts'
import { LABELLED_BYTES_MAX, readLabelled } from '../../redaction/evaluation/read-labelled.ts'
import { lowerBound, precisionOf, recallOf, ScoreBoard } from '../../redaction/evaluation/score.ts'
import type { LabelledSpan, Score } from '../../redaction/evaluation/score.ts'
import { requiredOption, UsageError, writeLine } from '../command.ts'
import type { Command } from '../command.ts'
import { loadPolicy } from '../load-policy.ts'
import { tableLines } from '../table.ts'
import { soughtBy } from './sought.ts'

const PRECEDENCE = byConfidence(RECOGNIZERS.map(({ name }) => name))

export const redactEval: Command = {
  name: 'redact eval',
  summary: 'Precision and recall of the recognizers, by class, on labelled texts.',
  operands: 'FILE',
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the policy, which says how classes are found',
      default: 'config/policies.yaml',
    },
    class: {
      type: 'string',
      value: 'NAMES',
      help: 'classes to look for; labels of others do not count',
      default: '*',
    },
    json: { type: 'boolean', help: 'print JSON lines' },
  },
  notes: [
    'FILE is JSON lines, {"text": "...", "spans": [{"class": "payment.card", "start": 4, "end": 20}]} with UTF-16 offsets,',
    'or the JSON array of presidio-research. A value is found where no letter and no digit of it is left.',
    'Beside each figure stands the lower 95 % bound for so many values (Wilson).',
  ].join('\n'),
  run: async (values, operands, io) => {
    const [file, ...others] = operands
    if (file === undefined || others.length > 0) throw new UsageError('redact eval takes one FILE')
    const policy = loadPolicy({
      file: requiredOption(values, 'config'),
      environment: io.environment,
      mode: 'author',
    })
    const { scanner, classes } = await soughtBy(values, policy.compiled, io)
    const texts = readLabelled(readText(file))
    const board = new ScoreBoard()
    for (const { text, labels } of texts) {
      const counted = labels.filter(({ kind }) => classes.has(kind))
      board.add(text, counted, spansOf(scanner, text))
    }
    const scores = board.scores()
    if (values['json'] === true) {
      for (const score of scores) await writeLine(io.stdout, JSON.stringify(figures(score)))
    } else {
      await writeLine(io.stdout, tableOf(scores))
      await writeLine(io.stderr, `${texts.length} texts`)
    }
    return 0
  },
}

function readText(file: string): string {
  const bytes = readBounded(file, LABELLED_BYTES_MAX)
  if (bytes !== undefined) return bytes.toString()
  throw new RedactionInputError(
    `${file} cannot be read, or is larger than ${LABELLED_BYTES_MAX} bytes`,
  )
}

function spansOf(scanner: Scanner, text: string): readonly LabelledSpan[] {
  return mergeOverlaps(text, scanner.find(text).spans, PRECEDENCE).map((span) => ({
    kind: span.dataClass,
    start: startOf(span),
    end: endOf(span),
  }))
}

function figures(score: Score) {
  return {
    class: score.kind,
    labelled: score.labelled,
    found: score.found,
    precision: precisionOf(score),
    precisionAtLeast: lowerBound(score.right, score.found),
    recall: recallOf(score),
    recallAtLeast: lowerBound(score.covered, score.labelled),
  }
}

const HEAD = ['CLASS', 'VALUES', 'FOUND', 'PRECISION', 'AT LEAST', 'RECALL', 'AT LEAST']

function percent(value: number): string {
  return Number.isNaN(value) ? '-' : `${(value * 100).toFixed(1)} %`
}

function tableOf(scores: readonly Score[]): string {
  const rows = scores.map((score) => {
    const { precision, precisionAtLeast, recall, recallAtLeast } = figures(score)
    return [
      score.kind,
      String(score.labelled),
      String(score.found),
      ...[precision, precisionAtLeast, recall, recallAtLeast].map(percent),
    ]
  })
  return tableLines(HEAD, rows).join('\n')
}
