/** Runs that are too long for every test run: hundreds of kills, ten thousand operations under faults. */
import { defineConfig } from 'vitest/config'
import suites from './vitest.config.js'

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
