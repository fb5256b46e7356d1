/** Operators as a role set meets them, outside of a masking program. */
import type { OperatorInstance } from '../../operator.ts'

/** The operator with what it leaves in clear for those who see these classes. It counts nothing. */
export function boundTo(operator: OperatorInstance, shown: ReadonlySet<string>): OperatorInstance {
  const { id, scan } = operator
  if (scan === undefined) return operator
  const seen = scan.classes.filter((name) => shown.has(name)).toSorted()
  const leaf = scan.bind({
    isShown: (name) => shown.has(name),
    elsewhere: () => undefined,
    count: () => {},
    countLocation: () => {},
  })
  return { ...operator, id: `${id} but ${seen.join(', ')}`, leaf }
}
