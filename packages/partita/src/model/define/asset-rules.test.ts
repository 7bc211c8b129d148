import { expect, it } from 'vitest'
import { ValidationError } from '../../errors/errors.js'
import type { AssetOptions } from '../types/assets.js'
import { assetRules, contentType, sizesFor } from './asset-rules.js'

const MB = 1024 * 1024
const issuesOf = (options: unknown): string[] => {
  try {
    assetRules(options as AssetOptions)
    return []
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return error.details.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  }
}

it('resolves the least and the greatest size each by itself: exact type, wildcard, group, others, field, default', () => {
  const rules = assetRules({
    min: 10,
    max: 5 * MB,
    types: {
      'image/png': { max: 3 * MB },
      'image/*': { min: 20, max: 2 * MB },
      image: { min: 30, max: MB },
      document: { max: 4 * MB },
      '*': { min: 40 },
    },
  })
  expect(sizesFor(rules, 'image/png')).toEqual({ min: 20, max: 3 * MB })
  expect(sizesFor(rules, 'image/gif')).toEqual({ min: 20, max: 2 * MB })
  expect(sizesFor(rules, 'application/pdf')).toEqual({ min: 40, max: 4 * MB })
  expect(sizesFor(rules, 'video/mp4')).toEqual({ min: 40, max: 5 * MB })
})

it('the limits of a type default to those of the field, and then to 1 byte and 10 MiB', () => {
  const rules = assetRules({ max: 5 * MB, types: { image: { max: 2 * MB }, '*': {} } })
  expect(sizesFor(rules, 'image/jpeg')).toEqual({ min: 1, max: 2 * MB })
  expect(sizesFor(rules, 'application/pdf')).toEqual({ min: 1, max: 5 * MB })
  expect(sizesFor(assetRules({}), 'a/b')).toEqual({ min: 1, max: 10 * MB })
  expect(sizesFor(assetRules({ min: 0, max: 0 }), 'a/b'), 'zero is a value').toEqual({ min: 0, max: 0 })
})

it('a field takes only the listed types, whatever their case and parameters', () => {
  const rules = assetRules({ types: ['image/*', 'archive', 'text/plain'] })
  for (const type of ['image/webp', 'IMAGE/PNG', 'application/zip', 'text/plain; charset=UTF-8', 'text/plain;a=b'])
    expect(sizesFor(rules, type), type).toBeDefined()
  for (const type of ['text/html', 'application/pdf', 'imagex/png', 'image', 'toString/constructor'])
    expect(sizesFor(rules, type), type).toBeUndefined()
})

it('reports every mistake of the options at once', () => {
  expect(issuesOf({ min: -1, max: 1.5, size: 3, types: ['png', 3, 'image/*'] })).toHaveLength(5)
  expect(issuesOf({ types: [] })).toEqual(['types allows no type; omit it to allow all'])
  expect(issuesOf({ min: 20, types: { image: { max: 10 }, '*': {} } })).toEqual([
    'types.image allows no size: min is 20 and max is 10',
  ])
  expect(issuesOf({ min: 20 * MB })).toEqual([` allows no size: min is ${20 * MB} and max is ${10 * MB}`])
  expect(issuesOf('image/png')).toHaveLength(1)
})

it('a content type that could break out of a header is refused', () => {
  for (const type of ['image/png\r\nSet-Cookie: a', 'image', '', 'a/b/c', 'a /b', 'a/b; \n', `a/${'b'.repeat(300)}`, 7])
    expect(contentType(type)).toBeUndefined()
  expect(contentType('Text/HTML; charset=UTF-8')).toBe('text/html; charset=UTF-8')
})
