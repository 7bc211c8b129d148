/** The embedded engine against DynamoDB emulators, which are called through the AWS SDK. */
import { embedded, memory } from 'partita/embedded'
import type { Store } from '../../internals.mjs'
import { temporaryFolder } from '../folder.js'
import { compare, type Pace, rate } from '../measure.js'
import { type Claim, Report } from '../report.js'
import { SERVER_NAMES, startServers } from '../servers/start.js'
import { sdkSubject } from '../subjects/sdk.js'
import { storeSubject } from '../subjects/store.js'
import { contenders, type OperationName, prove, READS, type Subject, WRITES } from '../subjects/subject.js'

const EMBEDDED = 'embedded'
const MEMORY = 'memory()'
const PACE: Pace = { rounds: 7, milliseconds: 150, warmUp: 200 }
const AT_ONCE = [1, 16]

/** The target ratios, in the order of the servers' names. */
const BARS: Readonly<Record<string, readonly number[]>> = {
  [`get of ${EMBEDDED} at 1`]: [70, 50, 40],
  [`create of ${MEMORY} at 1`]: [30, 20, 20],
  [`create of ${EMBEDDED} at 16`]: [4, 4, 4],
}

export async function measureServers(): Promise<void> {
  await measureAgainstServers('Embedded engine and servers through AWS SDK v3', [...READS, ...WRITES], storeSubject)
}

/** @param subjectOf makes the measured subject for a store of the embedded engine. */
export async function measureAgainstServers(
  title: string,
  operations: readonly OperationName[],
  subjectOf: (name: string, store: Store) => Promise<Subject>,
): Promise<void> {
  const servers = await startServers()
  try {
    const subjects = [
      await subjectOf(EMBEDDED, embedded({ path: temporaryFolder() })),
      await subjectOf(MEMORY, memory()),
    ]
    for (const { name, url, transactions } of servers) subjects.push(await sdkSubject(name, url, transactions))
    for (const subject of subjects) await prove(subject)
    const report = new Report(title, 'operations a second', [EMBEDDED, MEMORY, ...SERVER_NAMES])
    for (const name of operations) {
      for (const atOnce of AT_ONCE) {
        const figures = await compare(contenders(subjects, name), atOnce, rate, PACE)
        report.add(name, atOnce, figures, claims(name, atOnce))
      }
    }
    report.print()
    for (const subject of subjects) await subject.close()
  } finally {
    for (const server of servers) server.stop()
  }
}

/** Single writes are compared without flushing, because the servers keep data in memory; concurrent ones with it. */
function claims(name: OperationName, atOnce: number): Claim[] {
  const of = READS.some(read => read === name) || atOnce > 1 ? EMBEDDED : MEMORY
  const bars = BARS[`${name} of ${of} at ${atOnce}`]
  return SERVER_NAMES.map((against, i) => ({ of, against, ...(bars && { bar: { atLeast: bars[i] as number } }) }))
}
