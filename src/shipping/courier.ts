/**
 * Carries records from a source to one sink, in order: takes some, sends them, and acknowledges them once the sink has
 * them. What passes is tried again for as long as it takes; a record that the sink refuses by itself, again and again, is
 * put aside, so that it does not hold up all others.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CelosiaError } from '../core/errors.ts'
import { backoffMs } from './backoff.ts'
import { planBatch, type Ready } from './batch.ts'
import type { CourierOptions, CourierSignals } from './courier-options.ts'
import { DeliveryError } from './delivery-error.ts'
import { LagWatch } from './lag-watch.ts'
import type { AsideReason, Delivery } from './record-source.ts'

/** A wait is cut in pieces, so that what is being worked on can be held in between. */
const PIECE_MS_MAX = 5_000

interface Problem {
  readonly text: string
  readonly of: 'source' | 'sink'
}

export class Courier {
  readonly #options: CourierOptions
  readonly #signals: CourierSignals
  /** What was taken and is not acknowledged. */
  #open: readonly Delivery[] = []
  #problem: Problem | undefined
  /** When {@link #open} was last known to be held. */
  #heldAtMs = 0
  #failedAttempts = 0
  #refusedInARow = 0
  readonly #watch: LagWatch

  constructor(options: CourierOptions, signals: CourierSignals) {
    this.#options = options
    this.#watch = new LagWatch(options)
    this.#signals = signals
  }

  /** What is wrong at the moment; undefined: nothing is. */
  get problem(): string | undefined {
    return this.#problem?.text ?? this.#watch.problem
  }

  /**
   * Resolves once it was stopped, or, where `once` is true, once nothing is left. Rejects where `once` is true and something
   * failed, and for a fault of ours.
   */
  async run(): Promise<void> {
    const { source, clock, metrics, batch } = this.#options
    const { stopping, once } = this.#signals
    while (!stopping.aborted) {
      const startedMs = clock.monotonicMs()
      await this.#watch.look()
      const { recordsMax } = batch
      const taken = await this.#insist(() =>
        source.take({ recordsMax, wait: !once, signal: stopping }),
      )
      if (taken === undefined) return
      if (taken.claimed) metrics.claimed(taken.deliveries.length)
      this.#watch.tellLost(taken.lost)
      if (taken.deliveries.length === 0) {
        if (once && taken.lost === 0) return
        continue
      }
      if (!(await this.#carry(taken.deliveries))) return
      const restMs = batch.pauseMs - (clock.monotonicMs() - startedMs)
      if (!once && taken.deliveries.length < recordsMax) await this.#wait(restMs)
    }
  }

  /** Sends, leaves out or puts aside all of them. False where it was stopped before the end. */
  async #carry(deliveries: readonly Delivery[]): Promise<boolean> {
    const { accepts, sink, batch, metrics } = this.#options
    this.#open = deliveries
    this.#heldAtMs = this.#options.clock.monotonicMs()
    const { recordsMax, bytesMax } = batch
    const plan = await planBatch(deliveries, { accepts, encode: sink.encode, recordsMax, bytesMax })
    metrics.filtered(plan.filtered)
    for (let i = 0; i < plan.truncated; i += 1) metrics.truncated()
    for (const step of plan.steps) {
      const done =
        step.kind === 'send'
          ? await this.#send(deliveries, step.group)
          : await this.#putAside(deliveries, step.index, step.reason)
      if (!done) return false
    }
    return this.#settle(deliveries, deliveries.length - 1)
  }

  /** Sends a group, in smaller ones where it is refused as a whole. False where it was stopped. */
  async #send(deliveries: readonly Delivery[], group: readonly Ready[]): Promise<boolean> {
    const { refusalsMax, refusedInARowMax } = this.#options
    const groups = [group]
    let refusals = 0
    for (let next = groups.shift(); next !== undefined; next = groups.shift()) {
      if (this.#signals.stopping.aborted) return false
      await this.#hold()
      const failure = await this.#attempt(next)
      const last = next.at(-1)?.index ?? 0
      if (failure === undefined) {
        refusals = 0
        this.#refusedInARow = 0
        if (!(await this.#settle(deliveries, last))) return false
        continue
      }
      if (failure.kind === 'refused') {
        if (next.length > 1) {
          const middle = Math.ceil(next.length / 2)
          groups.unshift(next.slice(0, middle), next.slice(middle))
          continue
        }
        refusals += 1
        const tired = refusals >= refusalsMax
        if (tired && this.#refusedInARow < refusedInARowMax) {
          refusals = 0
          this.#refusedInARow += 1
          if (!(await this.#putAside(deliveries, last, 'refused'))) return false
          continue
        }
      }
      const mayPass = failure.kind === 'refused' && refusals < refusalsMax
      if (!(await this.#backOff(failure, mayPass))) return false
      groups.unshift(next)
    }
    return true
  }

  async #attempt(group: readonly Ready[]): Promise<DeliveryError | undefined> {
    const { sink, metrics, clock } = this.#options
    const startedMs = clock.monotonicMs()
    try {
      await sink.deliver(
        group.map(({ payload }) => payload),
        this.#signals.cutting,
      )
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error
      metrics.failure(error.kind)
      return error
    }
    const bytes = group.reduce((sum, one) => sum + one.bytes, 0)
    metrics.delivered(group.length, bytes, clock.monotonicMs() - startedMs)
    this.#well()
    return undefined
  }

  async #putAside(
    deliveries: readonly Delivery[],
    index: number,
    reason: AsideReason,
  ): Promise<boolean> {
    const { source, metrics, log, name } = this.#options
    const delivery = deliveries[index]
    if (delivery === undefined) return true
    if (
      (await this.#insist(async () => source.putAside(delivery, reason).then(() => true))) !== true
    )
      return false
    metrics.aside(reason)
    log.warn('a record was put aside', { sink: name, reason, position: delivery.position })
    return this.#settle(deliveries, index)
  }

  /** Acknowledges all up to an index. False where it was stopped before that could be done. */
  async #settle(deliveries: readonly Delivery[], upTo: number): Promise<boolean> {
    const settled = deliveries.length - this.#open.length
    const now = deliveries.slice(settled, upTo + 1)
    if (now.length === 0) return true
    const { source } = this.#options
    if ((await this.#insist(async () => source.acknowledge(now).then(() => true))) !== true)
      return false
    this.#open = deliveries.slice(upTo + 1)
    return true
  }

  /** Does something with the source, again and again until it succeeds. Undefined where it was stopped before. */
  async #insist<T>(act: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        const value = await act()
        if (this.#problem?.of === 'source') this.#well()
        return value
      } catch (error) {
        if (!(error instanceof CelosiaError)) throw error
        this.#options.metrics.failure('source')
        if (!(await this.#backOff(error))) return undefined
      }
    }
  }

  /** Waits before the next attempt. False where it was stopped. `mayPass`: also where it runs once, it is tried again. */
  async #backOff(failure: CelosiaError, mayPass = false): Promise<boolean> {
    const { stopping, once } = this.#signals
    if (once && !mayPass) {
      this.#options.log.warn('delivery failed', {
        sink: this.#options.name,
        problem: failure.message,
      })
      throw failure
    }
    this.#failedAttempts += 1
    const askedMs = failure instanceof DeliveryError ? failure.retryAfterMs : undefined
    const { backoff, random } = this.#options
    const waitMs = backoffMs(this.#failedAttempts, backoff, random, askedMs)
    this.#unwell(failure, waitMs)
    await this.#wait(waitMs)
    return !stopping.aborted
  }

  /** Waits in pieces, and looks after what is being worked on in between. Ends at once when it is stopped. */
  async #wait(ms: number): Promise<void> {
    const { stopping } = this.#signals
    const pieceMsMax = Math.min(PIECE_MS_MAX, this.#options.source.holdEveryMs ?? PIECE_MS_MAX)
    for (let leftMs = ms; leftMs > 0 && !stopping.aborted; leftMs -= pieceMsMax) {
      await this.#watch.look()
      const pieceMs = Math.min(leftMs, pieceMsMax)
      await sleep(pieceMs, undefined, { signal: stopping }).catch(() => undefined)
      await this.#hold()
    }
  }

  // Where this fails another shipper may take them over too, and they arrive twice.
  async #hold(): Promise<void> {
    const { source, clock, metrics } = this.#options
    const nowMs = clock.monotonicMs()
    const due = source.holdEveryMs !== undefined && nowMs - this.#heldAtMs >= source.holdEveryMs
    if (!due || this.#open.length === 0) return
    this.#heldAtMs = nowMs
    try {
      await source.hold(this.#open)
    } catch (error) {
      if (!(error instanceof CelosiaError)) throw error
      metrics.failure('source')
    }
  }

  #unwell(failure: CelosiaError, waitMs: number): void {
    this.#options.metrics.blocked(true)
    const changed = this.#problem?.text !== failure.message
    this.#problem = {
      text: failure.message,
      of: failure instanceof DeliveryError ? 'sink' : 'source',
    }
    if (!changed) return
    const fields = {
      sink: this.#options.name,
      problem: failure.message,
      waitMs: Math.round(waitMs),
    }
    this.#options.log.warn('delivery failed, and is tried again', fields)
  }

  #well(): void {
    this.#failedAttempts = 0
    this.#options.metrics.blocked(false)
    if (this.#problem === undefined) return
    this.#problem = undefined
    this.#options.log.info('delivering again', { sink: this.#options.name })
  }
}
