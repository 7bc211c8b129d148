/** One interface for everything that is measured: the same operations on the same data. */
import assert from 'node:assert/strict'
import type { Contender, Operation } from '../measure.js'
import { firstFreshKey, POSTS_PER_AUTHOR, VIEWS, visitedKey } from '../sample.js'

export const READS = ['get', 'query of 25'] as const
export const WRITES = ['put', 'create', 'conditional update', 'transaction of 4'] as const
/** DynamoDB's limit for one batch. */
export const BATCH = 25
/** A batch of the protocol, which is limited to 25. The group `load` measures the batches of stores. */
export const BATCH_WRITE = 'batch write of 25'
export type OperationName = (typeof READS)[number] | (typeof WRITES)[number] | typeof BATCH_WRITE

export interface Subject {
  readonly name: string
  /** The supported operations. Each call takes the next post in the order of visits. */
  readonly operations: Readonly<Partial<Record<OperationName, Operation>>>
  /** The number of items in the result of an operation. */
  count(outcome: unknown): number
  /** The `views` of a post; undefined if it does not exist. */
  views(key: { readonly pk: string; readonly sk: string }): Promise<number | undefined>
  close(): Promise<void>
}

export function contenders(subjects: readonly Subject[], name: OperationName): Contender[] {
  return subjects.flatMap(({ name: of, operations }) => {
    const operation = operations[name]
    return operation ? [{ name: of, operation }] : []
  })
}

/** The checks after the first visits of each operation. */
const PROOFS: readonly [OperationName, (subject: Subject, outcome: unknown) => Promise<void>][] = [
  ['get', async (subject, outcome) => assert.equal(subject.count(outcome), 1)],
  ['query of 25', async (subject, outcome) => assert.equal(subject.count(outcome), POSTS_PER_AUTHOR)],
  ['put', async subject => assert.equal(await subject.views(visitedKey(0)), VIEWS.put)],
  [
    'conditional update',
    async subject => {
      const before = subject.operations.put ? VIEWS.put : VIEWS.loaded
      assert.equal(await subject.views(visitedKey(0)), before + 1)
    },
  ],
  [
    'transaction of 4',
    async subject => {
      for (const visit of [0, 1, 2, 3]) assert.equal(await subject.views(visitedKey(visit)), VIEWS.transacted)
    },
  ],
  [
    BATCH_WRITE,
    async subject => {
      for (const visit of [0, 24]) assert.equal(await subject.views(visitedKey(visit)), VIEWS.batched)
    },
  ],
  ['create', async subject => assert.equal(await subject.views(firstFreshKey()), VIEWS.created)],
]

/**
 * Runs every operation once and checks its result: otherwise a fast failure would look like a fast success.
 *
 * @throws AssertionError
 */
export async function prove(subject: Subject): Promise<void> {
  for (const [name, check] of PROOFS) {
    const operation = subject.operations[name]
    if (operation) await check(subject, await operation())
  }
}
