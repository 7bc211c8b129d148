/** Two runs of one command at the same time: one of them completes its file, and the other one stops. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { RejectFile } from '../transfer/reject-file.js'
import { Checkpoint } from './checkpoint.js'
import { ExportFile } from './export-file.js'

const folder = mkdtempSync(join(tmpdir(), 'partita-runs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = (name: string, resume = false) =>
  ExportFile.open(join(folder, name), { what: 'all', resume, overwrite: false })
const contentOf = (name: string) => readFileSync(join(folder, name), 'utf8')
const filesOf = (name: string) => readdirSync(folder).filter(file => file.startsWith(name))

interface State {
  readonly next: number
}
const isState = (value: unknown): value is State => typeof (value as State | undefined)?.next === 'number'

/** An export that was stopped after its first page. */
async function stoppedAfterOnePage(name: string): Promise<void> {
  const file = await open(name)
  await file.append('one\n')
  await file.remember('1', 1, 'now')
  await file.close()
}

it('a run that resumes an export cannot damage the file of a run that resumed it before, nor that run its file', async () => {
  await stoppedAfterOnePage('resumed')
  const first = await open('resumed', true)
  await first.append('two\n')
  const second = await open('resumed', true)
  expect(second.resumed).toMatchObject({ nextToken: '1', bytes: 4, items: 1 })
  await second.append('2\n')
  await first.append('three\n')
  await expect(first.remember('3', 3, 'now')).rejects.toThrow(/resumed\.partial was replaced .* this run has stopped/)
  await expect(first.finish()).rejects.toThrow(/resumed\.partial was replaced/)
  await first.close()
  await second.remember('2', 2, 'now')
  await second.append('3\n')
  await second.finish()
  await second.close()
  expect(contentOf('resumed')).toBe('one\n2\n3\n')
  expect(filesOf('resumed')).toEqual(['resumed'])
})

it('a run that was replaced leaves the progress of the other one as it is, also when that is killed', async () => {
  await stoppedAfterOnePage('killed')
  const first = await open('killed', true)
  await first.append('two\n')
  const second = await open('killed')
  await expect(first.remember('2', 2, 'now')).rejects.toThrow(/was replaced/)
  await expect(first.discard()).rejects.toThrow(/was replaced/)
  await second.append('1\n')
  await second.remember('1', 1, 'now')
  await Promise.all([first.close(), second.close()])
  const third = await open('killed', true)
  expect(third.resumed).toMatchObject({ nextToken: '1', bytes: 2 })
  await third.finish()
  await third.close()
  expect(contentOf('killed')).toBe('1\n')
})

it('an export starts again if the data of the stopped one is gone', async () => {
  await stoppedAfterOnePage('gone')
  rmSync(join(folder, 'gone.partial'))
  const file = await open('gone', true)
  expect(file.resumed).toBeUndefined()
  await file.close()
  expect(existsSync(join(folder, 'gone.partita-export'))).toBe(false)
})

it('several runs can save their progress in one file at the same time, which then has the state of one of them', async () => {
  const path = join(folder, 'shared')
  const runs = Array.from({ length: 4 }, () => new Checkpoint(path, isState))
  for (let round = 0; round < 20; round++) await Promise.all(runs.map((run, next) => run.save({ next })))
  const saved = await new Checkpoint(path, isState).load()
  expect([0, 1, 2, 3]).toContain(saved?.next)
  expect(filesOf('shared')).toEqual(['shared'])
})

it('a run whose progress is exclusive stops when another run has begun, or has finished', async () => {
  const path = join(folder, 'exclusive')
  const runs = Array.from({ length: 2 }, () => new Checkpoint(path, isState, { isExclusive: true }))
  const [first, second] = runs as [Checkpoint<State>, Checkpoint<State>]
  await first.save({ next: 1 })
  await second.save({ next: 2 })
  await expect(first.save({ next: 3 })).rejects.toThrow(/another run of this command has begun/)
  await second.save({ next: 4 })
  expect(await new Checkpoint(path, isState).load()).toMatchObject({ next: 4 })
  await second.remove()
  await expect(second.save({ next: 5 })).rejects.toThrow(/exclusive was removed; this run has stopped/)
})

it('only one of two imports that create the same reject file at the same time can write it', async () => {
  for (let round = 0; round < 20; round++) {
    const path = join(folder, `rejects-${round}`)
    const opened = await Promise.allSettled([RejectFile.open(path, undefined), RejectFile.open(path, undefined)])
    const files = opened.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
    expect(files).toHaveLength(1)
    expect(opened).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({ message: expect.stringMatching(/already exists; name another/) }),
    })
    await files[0]?.add('bad', undefined)
    await files[0]?.close()
    expect(readFileSync(path, 'utf8')).toBe('bad\n')
  }
})

it('an import does not report lines in a reject file that another run has continued', async () => {
  const path = join(folder, 'continued')
  writeFileSync(path, 'one\n')
  const first = await RejectFile.open(path, 4)
  const second = await RejectFile.open(path, 4)
  await first.add('two', undefined)
  await expect(first.requireOwn()).rejects.toThrow(/continued was replaced/)
  await second.add('2', undefined)
  await second.requireOwn()
  await Promise.all([first.close(), second.close()])
  expect(readFileSync(path, 'utf8')).toBe('one\n2\n')
})
