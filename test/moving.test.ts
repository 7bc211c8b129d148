/**
 * The calls that docs/guide/moving.md compares do the same: each program runs another library and Partita on one table in
 * memory, and each reads what the other one wrote.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const LIBRARIES = ['electrodb', 'onetable', 'toolbox', 'dynamo-bao']

it.each(LIBRARIES)('rows and calls of %s have the counterparts that the guide names', library => {
  const program = fileURLToPath(new URL(`moving/${library}.mjs`, import.meta.url))
  // DynamoBao logs each error that it throws.
  const env = { ...process.env, DYNAMO_BAO_LOG_LEVEL: 'OFF', NODE_NO_WARNINGS: '1' }
  const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', env })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
