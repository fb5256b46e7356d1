/** `register` as its author wrote it, after the schema has been checked. */

/** What a record of processing says that nothing else in the policy tells (GDPR art. 30(1)). It decides nothing. */
export interface RegisterDocument {
  readonly controller?: string
  readonly officer?: string
  readonly purposes?: readonly string[]
  readonly dataSubjects?: readonly string[]
  readonly recipients?: readonly string[]
  readonly transfers?: readonly string[]
  readonly measures?: readonly string[]
  /** How long the helpdesk keeps data, by class; `contact.*` for all below. */
  readonly retention?: Readonly<Record<string, string>>
}
