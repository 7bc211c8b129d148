/** Runs that are too long for every test run: hundreds of kills, ten thousand operations under faults, the site. */
import { defineConfig } from 'vitest/config'

// Long runs look for what the seed of every test run does not show.
process.env.PARTITA_TEST_SEED ??= 'random'
const { default: suites } = await import('./vitest.config.js')

export default defineConfig({
  ...suites,
  test: {
    ...suites.test,
    include: ['test/**/*.soak.ts'],
    exclude: [],
    maxWorkers: 1,
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
})
