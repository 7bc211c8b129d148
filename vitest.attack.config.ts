/** Attacks, each held to a bound in CPU or bytes: a process of its own for each file, whose heap no other suite has filled. */
import { defineConfig } from 'vitest/config'
import suites from './vitest.config.js'

export default defineConfig({
  ...suites,
  // Another process on the machine can make one measurement too long, but not three.
  test: {
    ...suites.test,
    retry: 2,
    maxWorkers: 2,
    include: ['test/attack/**/*.test.ts'],
    exclude: [],
    globalSetup: [],
    isolate: true,
  },
})
