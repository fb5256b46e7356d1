/**
 * What a walk knows of an open container, as bits of one number. Beside them stand the bits COUNTS_ELEMENTS and CHECKS_NAMES of its link.
 * Frequent code takes a copy (`const { FIRST } = flags`): that is part of its machine code, while an imported constant
 * is loaded and checked at every use.
 */

/** It is an object; else an array, or the place above the root. */
export const OBJECT = 1
/** No child has been seen yet. */
export const FIRST = 2
/** Children have been seen, and every one of them was removed. */
export const NONE_KEPT = 4
/** Member names are edited. */
export const RENAMES = 8
/** The name of the item at hand is edited. */
export const FOREIGN = 512
/** No item in it goes untouched, whatever its value. */
export const ITEM_WORK: number = NONE_KEPT | RENAMES | FOREIGN
/** Something is to be done where it closes. */
export const CLOSE_WORK = 64
/** The place above the root: one value, then nothing. */
export const ABOVE_ROOT = 128
