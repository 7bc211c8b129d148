import { describe, expect, it } from 'vitest'
import { definitionOf } from './table-choice.js'

describe('the definition of a described table', () => {
  it('the definition has nothing of the state of the table', () => {
    const definition = { name: 'items', key: { partition: { name: 'k', type: 'S' } }, timeToLive: 'ends' } as const
    const filling = { indexes: [], timeToLive: true }
    const state = { status: 'updating', filling, itemCount: 100_000, isItemCountEstimated: true } as const
    expect(definitionOf({ ...definition, ...state })).toEqual(definition)
  })
})
