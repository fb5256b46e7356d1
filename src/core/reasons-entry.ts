/** What is said of each reason. */

/** One entry of the closed list. */
export interface ReasonEntry {
  /** Status of the answer. 200 stands for a permit: the upstream's own status is passed on. */
  readonly status: number
  /** Fixed title of the problem document: tells nothing about the data. */
  readonly title: string
  /** One sentence for operators. */
  readonly meaning: string
}
