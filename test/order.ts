/** The order of the files in a run: those that take longest come first, so that none of them is left for the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest files. Vitest knows durations from an earlier run only, and would begin with the largest file otherwise. */
const LONGEST = [
  'test/network/outcomes.test.ts',
  'test/packages/types.test.ts',
  'test/network/limits.test.ts',
  'test/store-contract/dynamodb.test.ts',
  'test/wire/corpus.test.ts',
  'test/models/reindex.test.ts',
  'test/store-contract/mongodb.test.ts',
  'test/models/rules/on-delete.test.ts',
  'test/cli/dev.test.ts',
  'test/packages/contract.test.ts',
  'test/active-record/readme-programs.test.ts',
  'test/packages/readme.test.ts',
  'test/packages/fake-timers.test.ts',
  'test/cli/terminal.test.ts',
  'test/models/crql-literals.test.ts',
  'test/codegen/generated.test.ts',
  'test/packages/quick-start.test.ts',
  'test/wire/pipelining.test.ts',
  'test/durability/backup.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex(path => moduleId.endsWith(`/${path}`))
      return index < 0 ? LONGEST.length : index
    }
    return sorted.sort((a, b) => rank(a) - rank(b))
  }
}
