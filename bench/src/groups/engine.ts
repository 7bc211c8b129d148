/** The embedded engine against bare LMDB: the overhead of the Store contract above the storage. */
import { embedded, memory } from 'partita/embedded'
import { temporaryFolder } from '../folder.js'
import { compare, type Pace, rate } from '../measure.js'
import { type Claim, Report } from '../report.js'
import { lmdbSubject } from '../subjects/lmdb.js'
import { storeSubject } from '../subjects/store.js'
import { contenders, type OperationName, prove, READS, WRITES } from '../subjects/subject.js'

const RAW = 'lmdb'
const RAW_UNSYNCED = 'lmdb unsynced'
const EMBEDDED = 'embedded'
const MEMORY = 'memory()'
const PACE: Pace = { rounds: 11, milliseconds: 100, warmUp: 200 }
const AT_ONCE = [1, 16]

export async function measureEngine(): Promise<void> {
  const raw = [
    await lmdbSubject(RAW, temporaryFolder(), true),
    await lmdbSubject(RAW_UNSYNCED, temporaryFolder(), false),
  ]
  const engines = [
    await storeSubject(EMBEDDED, embedded({ path: temporaryFolder() })),
    await storeSubject(MEMORY, memory()),
  ]
  const subjects = [...raw, ...engines]
  for (const subject of subjects) await prove(subject)
  const report = new Report('Embedded engine and bare LMDB', 'operations a second', [
    RAW,
    EMBEDDED,
    RAW_UNSYNCED,
    MEMORY,
  ])
  for (const name of [...READS, ...WRITES]) {
    for (const atOnce of AT_ONCE) {
      const same = contenders(raw, name)
      // LMDB has no conditions, so a conditional write is compared with a put.
      const base = same.length > 0 ? same : contenders(raw, 'put')
      const figures = await compare([...base, ...contenders(engines, name)], atOnce, rate, PACE)
      report.add(name, atOnce, figures, claims(name, atOnce))
    }
  }
  report.print()
  for (const subject of subjects) await subject.close()
}

function claims(name: OperationName, atOnce: number): Claim[] {
  const isRead = READS.some(read => read === name)
  const hasBar = isRead || (name === 'put' && atOnce === 16)
  return [
    { of: EMBEDDED, against: RAW, ...(hasBar && { bar: { atLeast: name === 'get' ? 0.75 : 0.5 } }) },
    { of: MEMORY, against: RAW_UNSYNCED, ...(isRead && { bar: { atLeast: 0.5 } }) },
  ]
}
