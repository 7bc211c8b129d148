/** What rules cost: requests and capacity units of one write, its CPU time, and the rate of durable writes. */
import assert from 'node:assert/strict'
import { PartitaError } from 'partita'
import { embedded, memory } from 'partita/embedded'
import { temporaryFolder } from '../folder.js'
import { compare, cpuCost, type Pace, rate } from '../measure.js'
import { Report } from '../report.js'
import { connectRuled, KINDS, type Kind, type Ruled, ruledRow, userId } from '../ruled-models.js'
import { printTable } from '../table.js'

const PACE: Pace = { rounds: 11, milliseconds: 150, warmUp: 300 }
const KIND_NAMES = Object.keys(KINDS) as Kind[]
const OPERATIONS = ['create', 'update', 'get', 'delete'] as const

export async function measureRules(): Promise<void> {
  const costs = await connectRuled(memory())
  await prove(costs)
  await printCosts(costs)
  await costs.close()
  const inMemory = await connectRuled(memory())
  const onDisk = await connectRuled(embedded({ path: temporaryFolder() }))
  const report = new Report(
    'Creates with rules',
    'microseconds of CPU, or durable creates a second',
    Object.values(KINDS),
  )
  const claims = Object.values(KINDS)
    .slice(1)
    .map(of => ({ of, against: KINDS.Plain }))
  report.add('CPU in memory()', 1, await compare(creates(inMemory), 1, cpuCost, PACE), claims)
  report.add('durable rate', 16, await compare(creates(onDisk), 16, rate, PACE), claims)
  report.print()
  await inMemory.close()
  await onDisk.close()
}

let rows = 0

function creates(db: Ruled) {
  const member = db.scope({ actor: userId(0) })
  return KIND_NAMES.map(kind => ({ name: KINDS[kind], operation: () => member[kind].create(ruledRow(rows++)) }))
}

/** The rules refuse what breaks them: otherwise a rule that does nothing would look cheap. */
async function prove(db: Ruled): Promise<void> {
  const member = db.scope({ actor: userId(0) })
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      error => (error instanceof PartitaError ? error.code : Promise.reject(error)),
    )
  const row = ruledRow(rows++)
  for (const kind of KIND_NAMES) assert.equal(await codeOf(member[kind].create(row)), 'done')
  const other = { ...row, id: 'other' }
  assert.equal(await codeOf(member.Locked.update({ id: row.id }, { authorId: 'x' })), 'RuleViolated')
  assert.equal(await codeOf(member.Guarded.create({ ...other, projectId: 'x' })), 'RuleViolated')
  for (const kind of ['Chained', 'Both'] as const) {
    assert.equal(await codeOf(member[kind].create({ ...other, editorId: 'x' })), 'RuleViolated')
  }
  assert.equal((await member.Audited.history({ id: row.id }).all()).length, 1)
  assert.equal(await codeOf(db.scope({ actor: 'x' }).Permitted.create(other)), 'PermissionDenied')
}

/** Prints the calls of the store and the capacity units of each operation, as DynamoDB counts them. */
async function printCosts(db: Ruled): Promise<void> {
  const member = db.scope({ actor: userId(0) })
  const table = [['rules', 'operation', 'requests', 'read units', 'write units', 'which']]
  for (const kind of KIND_NAMES) {
    const row = ruledRow(rows++)
    const key = { id: row.id }
    const calls = {
      create: () => member[kind].create(row),
      update: () => member[kind].update(key, { title: 'Another title', editorId: userId(7) }),
      get: () => member[kind].get(key),
      delete: () => member[kind].delete(key),
    }
    for (const name of OPERATIONS) {
      const requests: string[] = []
      let [read, write] = [0, 0]
      const off = db.on('operation', ({ operation, capacity }) => {
        requests.push(operation)
        read += capacity.read
        write += capacity.write
      })
      await calls[name]()
      off()
      table.push([KINDS[kind], name, `${requests.length}`, `${read}`, `${write}`, requests.join(', ')])
    }
  }
  printTable('What rules cost: one call of a model', table, true)
}
