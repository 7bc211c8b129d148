import { expect, it } from 'vitest'
import type { WarningEvent } from '../types/events.js'
import { Warnings } from './warnings.js'

const warning = (name: string): WarningEvent => ({
  kind: 'incomplete',
  model: 'User',
  part: 'index',
  name,
  message: 'run reindex',
})

it('a kept warning reaches later listeners, and any other only the present ones', () => {
  const warnings = new Warnings()
  warnings.keep(warning('kept'))
  const first: WarningEvent[] = []
  warnings.add(event => void first.push(event))
  warnings.emit(warning('passing'))
  const second: WarningEvent[] = []
  warnings.add(event => void second.push(event))
  expect(first).toEqual([warning('kept'), warning('passing')])
  expect(second).toEqual([warning('kept')])
})

it('a listener that throws does not keep a warning from the others', () => {
  const warnings = new Warnings()
  const seen: WarningEvent[] = []
  warnings.keep(warning('kept'))
  warnings.add(() => {
    throw new Error('of the listener')
  })
  warnings.add(event => void seen.push(event))
  warnings.emit(warning('later'))
  expect(seen).toEqual([warning('kept'), warning('later')])
})

it('each registration ends on its own, and a dropped warning reaches no later listener', () => {
  const warnings = new Warnings()
  const seen: WarningEvent[] = []
  const listener = (event: WarningEvent): void => void seen.push(event)
  const end = warnings.add(listener)
  warnings.add(listener)
  end()
  warnings.keep(warning('once'))
  expect(seen).toEqual([warning('once')])
  warnings.drop(event => event.kind === 'incomplete' && event.name === 'once')
  const after: WarningEvent[] = []
  warnings.add(event => void after.push(event))
  expect(after).toEqual([])
})
