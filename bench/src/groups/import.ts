/** The time to import a library and define twenty models. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { programFolder } from '../folder.js'
import { Figures } from '../measure.js'
import { baoSource } from '../sources/bao.js'
import { electrodbSource } from '../sources/electrodb.js'
import { onetableSource } from '../sources/onetable.js'
import { partitaSource } from '../sources/partita.js'
import { toolboxSource } from '../sources/toolbox.js'
import { figure, printTable } from '../table.js'

const SOURCES = [partitaSource, electrodbSource, toolboxSource, onetableSource, baoSource]
const EMPTY = 'an empty program'
const MODELS = 20
const ROUNDS = 21
/** Milliseconds. */
const BAR = 15

interface Program {
  readonly name: string
  readonly path: string
}

export async function measureImport(): Promise<void> {
  const programs = [await write(EMPTY, 'export {}')]
  for (const { library, definitions } of SOURCES) programs.push(await write(library, definitions(MODELS)))
  const figures = new Figures()
  for (const { path } of programs) run(path)
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, path } of programs) figures.add(name, run(path))
  }
  const empty = figures.median(EMPTY)
  const rows = programs.map(({ name }) => {
    const above = figures.median(name) - empty
    const bar = name === partitaSource.library ? [`<= ${BAR}`, above <= BAR ? 'met' : 'MISSED'] : ['', '']
    return [name, figure(figures.median(name)), name === EMPTY ? '' : figure(above), ...bar]
  })
  const head = ['process', 'whole', 'above an empty one', 'bar', '']
  printTable(`Import and ${MODELS} models: milliseconds, medians of interleaved processes`, [head, ...rows], true)
}

async function write(name: string, text: string): Promise<Program> {
  const { code } = await transform(text, { loader: 'ts' })
  const path = join(programFolder('import'), `${name.replaceAll(' ', '-')}.mjs`)
  writeFileSync(path, code)
  return { name, path }
}

/** @returns the duration of the whole process, in milliseconds. */
function run(path: string): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8' })
  const milliseconds = performance.now() - start
  if (status !== 0) throw new Error(`${path} failed: ${stderr}`)
  return milliseconds
}
