import type { StandardSchema } from 'partita'

/** A validator that accepts bigints alone. */
export const bigintSchema: StandardSchema<bigint> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: value => (typeof value === 'bigint' ? { value } : { issues: [{ message: 'is not a bigint' }] }),
  },
}
