import { expect, it } from 'vitest'
import { call, folder } from '../in-process.js'
import { expectRoundTrip, FILES, fillMany, randomItems } from './round-trip.js'

it('random items of every type come through every format unchanged, and a second export is the same byte by byte', async () => {
  const path = folder()
  const store = `embedded:${path('store')}`
  await fillMany(store, randomItems(150, 20))
  for (const [name, args] of FILES) await expectRoundTrip(store, path, name, args)
  for (const format of ['jsonl', 'dynamodb-json', 'csv']) {
    const [before, after] = await Promise.all(
      [store, `embedded:${path('other')}`].map(url =>
        call('export', '--store', url, '--table', 'app', '--format', format),
      ),
    )
    expect(after?.stdout).toBe(before?.stdout)
  }
})
