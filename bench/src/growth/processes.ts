/** Ever more processes on one store, which all open it, read and write at the same time. */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { embedded } from 'partita/embedded'
import { temporaryFolder } from '../folder.js'
import { median } from '../measure.js'
import { figure, printTable } from '../table.js'
import { createTable, keyOf, loadRows, TABLE } from './rows.js'
import { PARTITION, type ProcessReport, ROWS } from './run-process.js'

const FACTOR = 4
const PROGRAM = fileURLToPath(new URL('run-process.js', import.meta.url))

export async function measureProcesses(end: number): Promise<void> {
  const path = temporaryFolder()
  const store = embedded({ path, sweepInterval: 0 })
  await createTable(store)
  await loadRows(store, 0, ROWS, () => PARTITION)
  const rows = [
    ['processes', 'ms to open', 'us to get', 'gets/s of all', 'us to put', 'puts/s of all', 'slowest put, ms'],
  ]
  for (let count = 1; ; count = Math.min(count * FACTOR, end)) {
    const reports = await runAll(count, path)
    const sum = (of: (report: ProcessReport) => number) => reports.reduce((total, report) => total + of(report), 0)
    const middle = (of: (report: ProcessReport) => number) => median(reports.map(of))
    // Every acknowledged put is there.
    for (const { name, puts } of reports) {
      const key = keyOf(puts - 1, () => name)
      assert.ok((await store.get({ table: TABLE, key, consistent: true })).item)
    }
    const figures = [
      middle(report => report.opening),
      middle(report => report.getCost),
      sum(report => report.getRate),
      middle(report => report.putCost),
      sum(report => report.putRate),
      Math.max(...reports.map(report => report.slowestPut)),
    ]
    rows.push([figure(count), ...figures.map(figure)])
    if (count === end) break
  }
  await store.close()
  printTable('Processes on one store; us are of CPU, and opening too', rows, true)
}

/** Runs processes, which begin to read when all of them are open, and to write when all have read. */
async function runAll(count: number, path: string): Promise<ProcessReport[]> {
  const children = Array.from({ length: count }, (_, i) => fork(PROGRAM, [path, `PROCESS#${count}.${i}`]))
  const next = () => Promise.all(children.map(messageOf))
  await next()
  for (const step of ['read', 'write']) {
    const answers = next()
    for (const child of children) child.send(step)
    if (step === 'write') return (await answers) as ProcessReport[]
    await answers
  }
  throw new Error('unreachable')
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  // Comes after all messages, unlike the exit of a process that has sent its report.
  const failed = once(child, 'disconnect').then(() => {
    throw new Error('a process ended without a report')
  })
  failed.catch(() => undefined)
  const [message] = await Promise.race([once(child, 'message'), failed])
  return message
}
