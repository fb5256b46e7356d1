/**
 * Retention in a journal: whole segments go, a day each; of one in which something must stay, the rest. Nothing that a shipper
 * of this journal has not passed, and nothing that cannot be read.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { STREAM_NAMES, type StreamName } from '../../core/audit-record.ts'
import type { Clock } from '../../core/clock.ts'
import { AuditCorruptError, AuditUnavailableError } from '../errors.ts'
import { JournalLines } from '../journal-lines.ts'
import { mergeByTime, type StreamRecord } from '../read-all.ts'
import { recordOfLine } from '../record-codec.ts'
import { formatPosition, listSegments, parsePosition, type SegmentName } from '../segment-name.ts'
import { fileHoldStore } from './file-hold-store.ts'
import { areInForce } from './hold.ts'
import { removeSegment, type SegmentPurge } from './remove-segment.ts'
import { PlanBuilder, StreamAge } from './plan-builder.ts'
import type { PlanRequest, PurgePlan, RetentionTarget } from './retention-target.ts'

/** Somebody who reads the journal, and up to where; undefined of a stream: nothing yet. */
export interface JournalFollower {
  readonly name: string
  readonly positions: Readonly<Partial<Record<StreamName, string>>>
}

export interface JournalRetentionOptions {
  readonly directory: string
  readonly clock: Clock
  /** Who must have passed a segment. Rejects with AuditUnavailableError where that cannot be told. */
  readonly followers: () => Promise<readonly JournalFollower[]>
}

/** Segments of each stream that go in one step. */
const STEP_SEGMENTS = 4

export function journalRetention({
  directory,
  clock,
  followers,
}: JournalRetentionOptions): RetentionTarget {
  const holds = fileHoldStore(join(directory, 'holds'))
  const remove = async (purge: SegmentPurge, { holds: before }: PlanRequest): Promise<void> => {
    // A hold that was placed since must find all that is still there.
    if (!(await areInForce(holds, before)))
      throw new AuditUnavailableError('Holds have changed meanwhile')
    await removeSegment(directory, purge)
  }
  return {
    holds,
    plan: (request) =>
      readable(
        followers().then((known) => planFor({ directory, request, followers: known }, remove)),
      ),
    nowMs: () => Promise.resolve(clock.nowMs()),
    // Who writes to a journal has its lock.
    claim: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  }
}

async function planFor(
  { directory, request, followers }: Omit<Reading, 'builder'>,
  remove: (purge: SegmentPurge, request: PlanRequest) => Promise<void>,
): Promise<PurgePlan> {
  const builder = new PlanBuilder(request)
  const reading = { directory, request, builder, followers }
  const purges = new Map<string, SegmentPurge>()
  const streams: AsyncGenerator<StreamRecord, void, undefined>[] = []
  let more = false
  for (const stream of STREAM_NAMES) {
    const segments = await oldSegments(stream, reading)
    more ||= request.step && segments.length === STEP_SEGMENTS
    for (const purge of segments) purges.set(purge.segment.name, purge)
    streams.push(recordsOf(directory, segments))
  }
  for await (const stored of mergeByTime(streams)) {
    const purge = purges.get(parsePosition(stored.position).segment.name)
    if (purge === undefined) continue
    if (builder.take(stored)) purge.gone += 1
    else purge.kept.push(parsePosition(stored.position).offset)
  }
  return builder.plan({
    more,
    remove: async () => {
      for (const purge of purges.values()) await remove(purge, request)
    },
  })
}

interface Reading {
  readonly directory: string
  readonly request: PlanRequest
  readonly builder: PlanBuilder
  readonly followers: readonly JournalFollower[]
}

/** The segments of a stream whose records are all old, from the oldest on; of a step no more than it takes, and none that stays as it is. */
async function oldSegments(
  stream: StreamName,
  { directory, request, builder, followers }: Reading,
): Promise<readonly SegmentPurge[]> {
  const cutoffMs = request.cutoffs[stream]
  if (cutoffMs === undefined) return []
  const age = new StreamAge(request.nowMs)
  const segments = await listSegments(directory, stream)
  const old: SegmentPurge[] = []
  for (const segment of segments) {
    // Cheap, and on the safe side: what was written to lately holds what is young.
    if ((await stat(join(directory, segment.name))).mtimeMs >= cutoffMs) break
    const content = await contentOf(segment, (stored) => age.isOlder(stored, cutoffMs))
    if (content === 'young') break
    const behind = followers.find((follower) => !hasPassed(follower, segment))
    if (behind !== undefined) {
      builder.waits(`The sink ${behind.name} has not passed what is to be purged`)
      break
    }
    // What is kept collects at the beginning: it must not be all that a step ever sees.
    if (request.step && content === 'kept') continue
    const newest = segment === segments.at(-1)
    old.push({ segment, newest, gone: 0, kept: [] })
    if (request.step && old.length === STEP_SEGMENTS) break
  }
  return old

  async function contentOf(
    segment: SegmentName,
    isOlder: (stored: StreamRecord) => boolean,
  ): Promise<'young' | 'kept' | 'old'> {
    let records = 0
    let kept = 0
    try {
      for await (const stored of segmentRecords(directory, segment)) {
        if (!isOlder(stored)) return 'young'
        records += 1
        if (builder.keeps(stored)) kept += 1
      }
      return records > 0 && kept === records ? 'kept' : 'old'
    } catch (error) {
      if (!(error instanceof AuditCorruptError)) throw error
      builder.waits(`The segment ${segment.name} has what is no record, and is kept`)
      return 'young'
    }
  }
}

function hasPassed({ positions }: JournalFollower, segment: SegmentName): boolean {
  const position = positions[segment.stream]
  return position !== undefined && parsePosition(position).segment.number > segment.number
}

async function* recordsOf(
  directory: string,
  purges: readonly SegmentPurge[],
): AsyncGenerator<StreamRecord, void, undefined> {
  for (const { segment } of purges) yield* segmentRecords(directory, segment)
}

async function* segmentRecords(
  directory: string,
  { name, stream }: SegmentName,
): AsyncGenerator<StreamRecord, void, undefined> {
  const lines = await JournalLines.open(directory, name, 0)
  try {
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
      const position = formatPosition(name, line.offset)
      const read = recordOfLine(line.bytes)
      if (read === undefined) throw new AuditCorruptError(position, 'No record')
      yield { ...read, position, stream }
    }
  } finally {
    await lines.close()
  }
}

async function readable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    if (cause instanceof AuditUnavailableError) throw cause
    throw new AuditUnavailableError('The journal cannot be read', { cause })
  }
}
