/** Numbers with the words for what they count. */
import { test } from 'tap'
import { counted } from '../../src/core/counted.ts'

test('one is one, and more are several', (t) => {
  t.equal(counted(0, 'record'), '0 records')
  t.equal(counted(1, 'record'), '1 record')
  t.equal(counted(1, 'access'), '1 access')
  t.equal(counted(2, 'access'), '2 accesses')
  t.equal(counted(10, 'agent', 10), 'at least 10 agents')
  t.end()
})
