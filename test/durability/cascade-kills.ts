/** Processes that are killed while they delete folders of more files than one transaction holds, beside writers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, f, model } from 'partita'
import { embedded } from 'partita/embedded'
import { consistency } from 'partita/testing'
import { expect } from 'vitest'
import type { Dice } from '../models/random/dice.js'

/** As in the processes: folders with files and folders in them. */
const Folder = model('Folder', {
  fields: {
    id: f.string(),
    parentId: f.ref('Folder', { onDelete: 'cascade' }).optional(),
    folders: f.countOf('Folder.parentId'),
    files: f.countOf('File.folderId'),
  },
  key: 'id',
  indexes: { byParent: { on: 'gsi1', pk: 'PARENT#{parentId}', sk: '{id}' } },
})
const File = model('File', {
  fields: {
    id: f.string(),
    folderId: f.ref('Folder', { onDelete: 'cascade' }),
    tagId: f.ref('Tag', { onDelete: 'setNull' }).optional(),
    name: f.string(),
  },
  key: 'id',
  unique: { name: ['name'] },
  indexes: { byFolder: { on: 'gsi1', pk: 'FOLDER#{folderId}' }, byTag: { on: 'gsi2', pk: 'TAG#{tagId}', sk: '{id}' } },
})
const Tag = model('Tag', { fields: { id: f.string(), files: f.countOf('File.tagId') }, key: 'id' })

const models = { Folder, File, Tag }

const worker = fileURLToPath(new URL('cascade-worker.mjs', import.meta.url))
const FILES = 130
const BELOW = 40
/** Files that are created together: each is a row with a unique value, and a transaction holds 100 items. */
const TOGETHER = 40
/** The most steps of a delete before its process is killed. A delete of all files has about eight. */
const MAX_STEPS = 4
/** More kills than a delete can need: each process may be killed before it has done anything. */
const MAX_KILLS = 500

/** What a run has seen. */
export interface CascadeToll {
  readonly kills: number
  /** Kills after which some of the files were gone and others were not. */
  readonly between: number
}

type Database = Awaited<ReturnType<typeof open>>

const open = (path: string) => connect({ models, store: embedded({ path }) })

/**
 * In each round a folder with files, and with a folder of files in it, is deleted by a process that is killed again and again
 * until the folder is gone. After each kill no row refers to a missing row, and all counts and unique markers are right.
 */
export async function killCascades(rounds: number, dice: Dice): Promise<CascadeToll> {
  const folder = mkdtempSync(join(tmpdir(), 'partita-cascade-kills-'))
  const path = join(folder, 'store')
  const db = await open(path)
  const running = new Set<ChildProcess>()
  let [kills, between] = [0, 0]
  try {
    for (let round = 0; round < rounds; round++) {
      const id = `folder ${round}`
      await fill(db, id)
      // Every other round clears the tag of all files first.
      const roles = round % 2 === 0 ? ['Folder'] : ['Tag', 'Folder']
      for (const role of roles) {
        for (let killed = 0; await isThere(db, role, id); killed++) {
          expect(killed, `${role} ${id} is still there`).toBeLessThan(MAX_KILLS)
          await killOnce(running, path, role, id, dice)
          kills++
          const left = await check(db)
          if (left > 0 && left < FILES + BELOW) between++
        }
      }
      expect(await check(db)).toBe(0)
      const { rows, markers } = await consistency(db)
      expect({ rows, markers }).toEqual({ rows: roles.length === 1 ? 1 : 0, markers: 0 })
      if (roles.length === 1) await db.Tag.delete({ id })
    }
  } finally {
    for (const child of running) child.kill('SIGKILL')
    await db.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { kills, between }
}

async function fill(db: Database, id: string): Promise<void> {
  await db.Tag.create({ id })
  await db.Folder.create({ id })
  await db.Folder.create({ id: `${id} below`, parentId: id })
  for (const [folderId, count] of [
    [id, FILES],
    [`${id} below`, BELOW],
  ] as const) {
    for (let i = 0; i < count; i += TOGETHER) {
      await db.transaction(async tx => {
        for (let file = i; file < Math.min(count, i + TOGETHER); file++) {
          const name = `${folderId} ${file}`
          await tx.File.create({ id: name, folderId, tagId: id, name })
        }
      })
    }
  }
}

async function isThere(db: Database, role: string, id: string): Promise<boolean> {
  const options = { consistent: true }
  return (await (role === 'Tag' ? db.Tag.get({ id }, options) : db.Folder.get({ id }, options))) !== undefined
}

/** Starts a process that deletes and one that creates, and kills both: after some steps of the delete, at a random moment. */
async function killOnce(running: Set<ChildProcess>, path: string, role: string, id: string, dice: Dice): Promise<void> {
  const steps = dice.below(MAX_STEPS + 1)
  const started = [role, 'fill'].map(part => {
    const child = spawn(process.execPath, [worker, path, part, id], { stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    let complaints = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      complaints += text
    })
    const ended = new Promise<string>(resolve => child.on('close', () => resolve(complaints)))
    let lines = part === 'fill' ? steps : 0
    const reached = new Promise<void>(resolve => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        lines += text.split('\n').length - 1
        if (lines > steps) resolve()
      })
    })
    return { child, ended, reached: Promise.race([reached, ended]) }
  })
  await Promise.all(started.map(({ reached }) => reached))
  await new Promise(resolve => setTimeout(resolve, dice.below(30)))
  for (const { child } of started) child.kill('SIGKILL')
  for (const { child, ended } of started) {
    expect(await ended).toBe('')
    running.delete(child)
  }
}

/** @returns the number of files. */
async function check(db: Database): Promise<number> {
  // Makes a commit of a dead process visible that is on disk but was not announced.
  await db.Tag.put({ id: 'tick' })
  await db.Tag.delete({ id: 'tick' })
  const folders = new Set<string>()
  const inFolders = new Map<string, number>()
  const parents: (string | undefined)[] = []
  const counts: { id: string; files: number }[] = []
  let files = 0
  for await (const { id, parentId, files } of db.Folder.iterate()) {
    folders.add(id)
    parents.push(parentId)
    counts.push({ id, files })
  }
  for await (const { id, folderId } of db.File.iterate()) {
    files++
    inFolders.set(folderId, (inFolders.get(folderId) ?? 0) + 1)
    expect(folders.has(folderId), `${id} is in the folder ${folderId}, which is gone`).toBe(true)
  }
  for (const parent of parents) if (parent !== undefined) expect(folders).toContain(parent)
  for (const { id, files } of counts) expect({ id, files }).toEqual({ id, files: inFolders.get(id) ?? 0 })
  expect((await consistency(db)).inconsistencies).toEqual([])
  return files
}
