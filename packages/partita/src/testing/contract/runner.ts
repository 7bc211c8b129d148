/** The part of a test runner that the contract uses. Vitest, Jest and `node:test` have it. */
export interface TestRunner {
  /** Groups tests. */
  describe(title: string, body: () => void): unknown
  /** Declares a test; `skip` declares one that does not run. */
  readonly it: {
    (title: string, body: () => Promise<void>): unknown
    skip(title: string, body: () => Promise<void>): unknown
  }
  /** Runs before the tests of the group. In `node:test` it is called `before`. */
  beforeAll(hook: () => Promise<void>): unknown
  /** Runs after the tests of the group. In `node:test` it is called `after`. */
  afterAll(hook: () => Promise<void>): unknown
}
