/** Random transactions of several calls. Some calls fail, and some programs give up. */
import { isDeepStrictEqual } from 'node:util'
import { ending } from '../ending.js'
import { change, entryRow, personInput, personRow } from './choices.js'
import { equal } from './compare.js'
import type { Dice } from './dice.js'
import { emails, ids, peopleOf, type Tx } from './models.js'
import type { Context } from './queries.js'
import type { Outcome, PersonKind, Rules } from './rules.js'

interface Step {
  readonly text: readonly unknown[]
  readonly writes: boolean
  expect(rules: Rules): Outcome<object | undefined>
  act(tx: Tx): Promise<object | undefined>
}

/** @returns the rules after the transaction. */
export async function transaction({ db, dice, rules: before, recordCall }: Context): Promise<Rules> {
  const steps = Array.from({ length: 1 + dice.below(5) }, () => anyStep(dice, before.now))
  const givesUp = dice.chance(15)
  const stop = new Error('The program gives up')
  let rules = before.fork()
  let codes: readonly string[] | undefined
  const ended = await ending(
    db.transaction(async tx => {
      rules = before.fork()
      for (const [i, step] of steps.entries()) {
        recordCall('transaction', ...steps.slice(0, i + 1).map(it => it.text))
        const expected = step.expect(rules)
        codes = undefined
        if ('codes' in expected) codes = [...expected.codes, ...(rules.clashed ? ['UniqueViolation'] : [])]
        const given = await step.act(tx)
        // Without a read before it, a create is refused only at the end, and later calls would see its row.
        if (codes) break
        // A search for a value that two rows contain may find either row.
        if ('row' in expected && (step.writes || !rules.clashed)) equal(comparable(given), comparable(expected.row))
      }
      if (givesUp) throw stop
    }),
  ).catch((error: unknown) => {
    if (error === stop) return { stopped: true }
    throw error
  })
  recordCall('end of the transaction', givesUp, ...steps.map(it => it.text))
  if (givesUp && 'stopped' in ended) return before
  if (codes) {
    equal('error' in ended && codes.includes(ended.error.code), true, ended)
    return before
  }
  if (rules.isBroken() || (rules.clashed && 'error' in ended)) {
    equal('error' in ended ? ended.error.code : 'written', 'UniqueViolation')
    return before
  }
  if ('error' in ended) throw ended.error
  equal(givesUp, false)
  for (const member of rules.people('Member')) {
    const old = before.person('Member', member.id)
    if (isDeepStrictEqual(member, old)) continue
    const row = await db.Member.get({ id: member.id }, { consistent: true })
    if (!row) throw new Error(`The transaction did not write Member ${member.id}`)
    // Several writes of one row may increment the version once or several times; additions to counters do not.
    equal(row.version === 1 || row.version >= (old?.version ?? 0), true, [row, old])
    equal(row.version <= (old?.version ?? 0) + steps.length, true, [row, old])
    rules.setVersion(member.id, row.version)
  }
  return rules.settled()
}

function anyStep(dice: Dice, now: number): Step {
  const kind = dice.pick<PersonKind>(['Member', 'Guest'])
  const id = dice.pick(ids)
  const input = personInput(dice, now)
  const { argument, apply } = change(dice, now)
  const entry = entryRow(dice, now)
  const [email, points] = [dice.pick(emails), 1 + dice.below(20)]
  const { room = 'blue' } = input
  const people = (tx: Tx) => peopleOf(tx, kind)
  const write = (how: 'create' | 'put'): Step => ({
    text: [how, kind, input],
    writes: true,
    expect: rules => rules[how](kind, personRow(kind, input, now)),
    act: tx => people(tx)[how](input),
  })
  const update: Step = {
    text: ['update', kind, id, argument],
    writes: true,
    expect: rules => rules.update(kind, id, apply),
    act: tx => people(tx).update({ id }, argument),
  }
  return dice.pick<Step>([
    write('create'),
    write('put'),
    update,
    update,
    {
      text: ['get', kind, id],
      writes: false,
      expect: rules => ({ row: rules.person(kind, id) }),
      act: tx => people(tx).get({ id }),
    },
    {
      text: ['findBy', kind, email],
      writes: false,
      expect: rules => ({ row: rules.byEmail(kind, email) }),
      act: tx => people(tx).findBy({ email }),
    },
    {
      text: ['delete', kind, id],
      writes: true,
      expect: rules => rules.remove(kind, id),
      act: tx => people(tx).delete({ id }),
    },
    {
      text: ['save', kind, id, email, points],
      writes: true,
      expect: rules => {
        if (!rules.person(kind, id)) return { row: undefined }
        return rules.update(kind, id, row => ({ ...row, email, points: row.points + points }))
      },
      act: async tx => {
        const record = await people(tx).get({ id })
        if (!record) return undefined
        record.email = email
        record.points += points
        return record.save()
      },
    },
    {
      text: ['delete and put Entry', entry],
      writes: true,
      expect: rules => rules.putEntry(entry),
      act: async tx => {
        const { text: _, hits, expires, ...key } = entry
        if (await tx.Entry.get(key)) await tx.Entry.delete(key)
        return tx.Entry.put(entry)
      },
    },
    {
      text: ['query', kind, room],
      writes: false,
      expect: rules => {
        const rows = rules.people(kind).filter(row => row.room === room && row.day !== undefined)
        return { row: { ids: rows.map(row => row.id).sort() } }
      },
      act: async tx => {
        const rows = await people(tx).query.byDay({ room }).all()
        return { ids: rows.map(row => row.id).sort() }
      },
    },
  ])
}

/** A row without its version, which is known only at the end. */
function comparable(row: object | undefined): object | undefined {
  if (!row) return undefined
  const { version: _, ...rest } = { ...row } as { version?: number }
  return rest
}
