/**
 * The seed of every random choice in the suites. `vitest.config.ts` loads this file before each file of tests, so that
 * properties draw from the seed too. `PARTITA_TEST_SEED` is another number, or `random`; long runs take a random one.
 */
import fc from 'fast-check'

/** The same in all files of a run. */
export const seed = Number(process.env.PARTITA_TEST_SEED)

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })

/** The mulberry32 generator. @returns numbers of at least 0 and less than 1, the same ones for a seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
