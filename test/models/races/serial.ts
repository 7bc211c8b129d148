/**
 * Checks that concurrent transactions were serializable: runs small random programs, records their reads and results,
 * and searches for a serial order that explains all of them.
 */
import { isDeepStrictEqual } from 'node:util'
import { add, f, model } from '../../../packages/partita/src/model/index.js'
import type { Transaction } from '../../../packages/partita/src/model/types/database.js'
import type { Dice } from '../random/dice.js'

export const Cell = model('Cell', {
  fields: { id: f.string(), n: f.integer(), hits: f.counter(), name: f.string().optional() },
  key: 'id',
  unique: { name: ['name'] },
})
export const models = { Cell }
type Tx = Transaction<typeof models>

export interface Row {
  readonly n: number
  readonly hits: number
  readonly name?: string
}

export type State = ReadonlyMap<string, Row>

/** A program reads first, and its writes depend on the reads. Between the writes are more reads and caught errors. */
export interface Program {
  readonly reads: readonly ({ readonly get: string } | { readonly find: string })[]
  /** The program gives up if the sum of its reads is divisible by this number. */
  readonly givesUpAt: number | undefined
  readonly writes: readonly Write[]
}

type Write =
  | {
      readonly kind: 'create' | 'put' | 'set' | 'add' | 'delete' | 'save' | 'create anew' | 'try' | 'read'
      readonly id: Target
    }
  | { readonly kind: 'claim'; readonly id: Target; readonly name: string }

/** The row to write, which may depend on the reads. */
type Target = string | 'depends on the reads'

/** The reads of a program that committed. A refused program may have been refused at any of its writes. */
export type Outcome = readonly unknown[] | 'refused' | 'given up'

export const IDS = ['a', 'b', 'c']
const NAMES = ['x', 'y']

export function anyState(dice: Dice): State {
  const rows = IDS.filter(() => dice.chance(60)).map((id, i): [string, Row] => [
    id,
    { n: dice.below(4), hits: 0, ...(i < 2 && dice.chance(40) && { name: NAMES[i]! }) },
  ])
  return new Map(rows)
}

export function anyProgram(dice: Dice): Program {
  const reads = Array.from({ length: dice.below(4) }, () =>
    dice.chance(70) ? { get: dice.pick(IDS) } : { find: dice.pick(NAMES) },
  )
  const writes = Array.from({ length: dice.below(3) + (reads.length === 0 ? 1 : 0) }, (): Write => {
    const id = dice.pick([...IDS, 'depends on the reads', 'depends on the reads', 'depends on the reads'])
    const kind = dice.pick([
      ...(['create', 'create', 'put', 'set', 'add', 'delete', 'save', 'claim', 'claim'] as const),
      ...(['create anew', 'try', 'try', 'read'] as const),
    ])
    return kind === 'claim' ? { kind, id, name: dice.pick(NAMES) } : { kind, id }
  })
  return { reads, writes, givesUpAt: dice.chance(25) ? 2 + dice.below(2) : undefined }
}

const sumOf = (seen: readonly unknown[]) =>
  seen.reduce<number>((sum, it) => sum + (typeof it === 'number' ? it + 1 : 7), 0)

function targetOf({ id }: Write, sum: number): string {
  return id === 'depends on the reads' ? (IDS[sum % IDS.length] as string) : id
}

export class GivenUp extends Error {}

/** Runs the program on a database. `between` is awaited between its steps. */
export async function act(
  { reads, writes, givesUpAt }: Program,
  tx: Tx,
  between: () => Promise<void>,
): Promise<Outcome> {
  const seen: unknown[] = []
  for (const read of reads) {
    await between()
    if ('get' in read) seen.push((await tx.Cell.get({ id: read.get }))?.n)
    else seen.push((await tx.Cell.findBy({ name: read.find }))?.id)
  }
  const sum = sumOf(seen)
  if (givesUpAt !== undefined && sum % givesUpAt === 0) throw new GivenUp()
  for (const write of writes) {
    await between()
    const id = targetOf(write, sum)
    if (write.kind === 'create') await tx.Cell.create({ id, n: sum })
    else if (write.kind === 'put') await tx.Cell.put({ id, n: sum })
    else if (write.kind === 'set') await tx.Cell.update({ id }, { n: sum })
    else if (write.kind === 'add') await tx.Cell.update({ id }, { hits: add(1) })
    else if (write.kind === 'claim') await tx.Cell.update({ id }, { name: write.name })
    else if (write.kind === 'delete') await tx.Cell.delete({ id })
    else if (write.kind === 'read') seen.push((await tx.Cell.get({ id }))?.n)
    else if (write.kind === 'create anew') {
      await tx.Cell.delete({ id })
      await tx.Cell.create({ id, n: sum })
    } else if (write.kind === 'try') {
      const trying = tx.Cell.update({ id }, { n: sum }, { if: { n: sum % 4 } })
      seen.push(
        await trying.then(
          () => 'done',
          error => error.code,
        ),
      )
    } else {
      const record = await tx.Cell.get({ id })
      if (record) record.n += 1
      await record?.save()
    }
  }
  return seen
}

/** Runs the program alone on a state. Returns its result and the state after it. */
function run({ reads, writes, givesUpAt }: Program, before: State): { outcome: Outcome; after: State } {
  const refused = { outcome: 'refused', after: before } as const
  const rows = new Map(before)
  const holder = (name: string) => [...rows].find(([, row]) => row.name === name)?.[0]
  const seen: unknown[] = reads.map(read => ('get' in read ? rows.get(read.get)?.n : holder(read.find)))
  const sum = sumOf(seen)
  if (givesUpAt !== undefined && sum % givesUpAt === 0) return { outcome: 'given up', after: before }
  for (const write of writes) {
    const id = targetOf(write, sum)
    const row = rows.get(id)
    if (write.kind === 'create' && row) return refused
    if (write.kind === 'create' || write.kind === 'put' || write.kind === 'create anew')
      rows.set(id, { n: sum, hits: 0 })
    else if (write.kind === 'delete') rows.delete(id)
    else if (write.kind === 'read') seen.push(row?.n)
    else if (write.kind === 'try') {
      seen.push(!row ? 'NotFound' : row.n === sum % 4 ? 'done' : 'ConditionFailed')
      if (row?.n === sum % 4) rows.set(id, { ...row, n: sum })
    } else if (write.kind === 'save') {
      if (row) rows.set(id, { ...row, n: row.n + 1 })
    } else if (!row) return refused
    else if (write.kind === 'set') rows.set(id, { ...row, n: sum })
    else if (write.kind === 'add') rows.set(id, { ...row, hits: row.hits + 1 })
    else if (write.kind === 'claim') rows.set(id, { ...row, name: write.name })
  }
  const names = [...rows.values()].flatMap(row => row.name ?? [])
  return new Set(names).size < names.length ? refused : { outcome: seen, after: rows }
}

/** A serial order of the programs with the same results and the same final state, or undefined. */
export function serialOrder(
  programs: readonly Program[],
  outcomes: readonly Outcome[],
  before: State,
  after: State,
  left: readonly number[] = programs.map((_, i) => i),
): number[] | undefined {
  if (left.length === 0) return isDeepStrictEqual(before, after) ? [] : undefined
  for (const i of left) {
    const ran = run(programs[i]!, before)
    if (!isDeepStrictEqual(ran.outcome, outcomes[i])) continue
    const rest = serialOrder(
      programs,
      outcomes,
      ran.after,
      after,
      left.filter(it => it !== i),
    )
    if (rest) return [i, ...rest]
  }
  return undefined
}
