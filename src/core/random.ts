/** Randomness as a parameter, for waits that shall not come at the same time. Not for secrets. */
import { randomInt } from 'node:crypto'

/** A number from 0 up to, and without, 1. */
export type RandomSource = () => number

const STEPS = 2 ** 32

export const systemRandom: RandomSource = () => randomInt(STEPS) / STEPS
