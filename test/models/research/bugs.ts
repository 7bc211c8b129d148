/** The numbered bugs that research found in dynamo-bao, and which file here shows each of them to be absent. */
import { sharedBugs } from '../../coverage-of-research.js'

const SHARES = {
  loader: [1, 2, 3, 4, 5, 6, 45, 50],
  rows: [7, 8, 9, 10, 12, 13, 14, 15, 18, 55],
  values: [16, 17, 19, 53, 54],
  tenancy: [20, 21, 22, 23, 24, 25],
  unique: [26, 27, 28, 29, 30, 31, 32],
  indexes: [11, 33, 34, 35, 43, 44],
  queries: [36, 37, 38, 39, 40, 41, 42],
  scale: [46, 47, 48, 49, 52],
  definitions: [56, 58, 61],
}

const ELSEWHERE = {
  51: 'stores try again by themselves: packages/partita/src/dynamodb/failures.test.ts',
  57: 'a store is made with any endpoint, credentials or client, and given to connect: test/stores.ts does so',
  59: 'no files are generated, and what Node can load of the packages is checked by test/check-packages.mjs',
  60: 'this layer has no command; those of the partita command are tested in test/cli',
  62: 'the types are tested by packages/partita/src/model/model.test-d.ts, and these tests run on memory()',
}

export const researched = sharedBugs(62, SHARES, ELSEWHERE, import.meta.url)
