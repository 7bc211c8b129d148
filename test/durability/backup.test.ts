/** Copies of a store under continuous writes: those of `backup` are complete, those of `cp` are complete or refused. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'
import { ITEMS, opened, writtenStore } from './copies.js'

const BACKUPS = Number(process.env.PARTITA_BACKUPS ?? 4)
const COPIES = Number(process.env.PARTITA_COPIES ?? 4)

it(`${BACKUPS} of ${BACKUPS} backups of a store in use open and verify, compact or not`, async () => {
  const { path, folder, writer, end } = await writtenStore()
  const store = embedded({ path, sweepInterval: 0 })
  try {
    for (let i = 0; i < BACKUPS; i++) {
      const copy = join(folder, 'copy')
      await store.backup(copy, { compact: i % 2 === 1 })
      expect(await opened(copy), `backup ${i}`).toEqual({ ok: true, items: ITEMS, differences: [] })
      rmSync(copy, { recursive: true })
    }
    expect(writer.exitCode).toBeNull()
    expect((await store.verify()).differences).toEqual([])
  } finally {
    await store.close()
    await end()
  }
})

it(`${COPIES} copies that cp makes of a store in use are complete or refused`, async () => {
  const { path, folder, writer, end } = await writtenStore()
  try {
    for (let i = 0; i < COPIES; i++) {
      const copy = join(folder, 'copy')
      execFileSync('cp', ['-r', path, copy])
      const found = await opened(copy)
      if (found.ok) expect(found, `copy ${i}`).toEqual({ ok: true, items: ITEMS, differences: [] })
      else expect(found, `copy ${i}`).toMatchObject({ code: 'StoreUnusable' })
      rmSync(copy, { recursive: true })
    }
    expect(writer.exitCode).toBeNull()
  } finally {
    await end()
  }
})
