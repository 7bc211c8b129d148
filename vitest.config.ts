import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './test/order.js'

/** One seed for the run; in every run the same, so that no change fails by chance. */
function seedOf(wanted: string): string {
  const seed = wanted === 'random' ? randomInt(2 ** 31) : Number(wanted)
  if (!Number.isSafeInteger(seed)) throw new Error(`PARTITA_TEST_SEED is a whole number or "random", not "${wanted}"`)
  if (wanted === 'random') console.log(`PARTITA_TEST_SEED=${seed}`)
  return String(seed)
}

const source = (path: string) => fileURLToPath(new URL(`packages/partita/src/${path}`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^partita$/, replacement: source('index.ts') },
      { find: /^partita\/dynamodb\/sdk$/, replacement: source('dynamodb/sdk/index.ts') },
      {
        find: /^partita\/(table|items|store|embedded|dynamodb|mongodb|mongoose|wire|testing|assets|assets-s3|active-record)$/,
        replacement: source('$1/index.ts'),
      },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // These run by `vitest.attack.config.ts`.
    exclude: [...configDefaults.exclude, 'test/attack/**'],
    env: { PARTITA_TEST_SEED: seedOf(process.env.PARTITA_TEST_SEED ?? '20261124') },
    setupFiles: ['test/seeded.ts'],
    globalSetup: ['test/servers/global-setup.ts'],
    // Four at a time, on two cores too: much of the time of the suites is waiting for servers, disks and time-outs.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    // CommonJS modules are seen as Node shows them.
    deps: { interopDefault: false },
    // The files that run in one process load their modules once, which saves a fifth of the time. No suite changes them.
    isolate: false,
    // These end only what hangs: other work on the machine can make everything ten times as slow.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: LongestFirst },
  },
})
