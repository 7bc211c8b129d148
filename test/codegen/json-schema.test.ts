/** The published JSON Schema accepts what the command accepts, and refuses what it refuses. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { ShapeCheck } from '../../packages/cli/src/yaml/grammar/check.js'
import { FILE } from '../../packages/cli/src/yaml/grammar/grammar.js'
import { publishedSchema, publishedText, SCHEMA_PATH } from '../../packages/cli/src/yaml/grammar/published.js'
import type { ScalarNode, TreeNode } from '../../packages/cli/src/yaml/tree.js'
import { SAMPLES } from './samples.js'

const file = fileURLToPath(new URL(`../../packages/cli/${SCHEMA_PATH}`, import.meta.url))
const schema = publishedSchema()
const validate = new Ajv({ strict: false }).compile(schema)

const AT = { file: 0, start: 0, end: 0 }

/** A document as the tree that its YAML is parsed to. */
function treeOf(value: unknown): TreeNode {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeOf), at: AT }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, it]) => ({ name, at: AT, value: treeOf(it) }))
    return { kind: 'map', entries, at: AT }
  }
  return { kind: 'scalar', value: value as ScalarNode['value'], text: String(value), at: AT }
}

/** Whether the command's check of shapes accepts a document. */
function isAccepted(document: unknown): boolean {
  return new ShapeCheck(() => undefined, new Set()).check(treeOf(document), FILE, '')
}

it('the published file is the schema of the grammar; PARTITA_UPDATE=1 writes it', async () => {
  const text = await publishedText()
  if (process.env.PARTITA_UPDATE) writeFileSync(file, text)
  expect(readFileSync(file, 'utf8')).toBe(text)
})

it('the package publishes the file', () => {
  const { files } = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../packages/cli/package.json', import.meta.url)), 'utf8'),
  )
  expect(files).toContain('schema')
})

const yamls = Object.entries(SAMPLES).filter(([name]) => name !== 'SIMPLE')

it.each(yamls)('the schema accepts the sample %s', (_, text) => {
  validate(parse(text))
  expect(validate.errors).toBe(null)
})

/** Each value of a document, replaced by others, and each name mistyped: a document a change. */
function* changesOf(document: unknown): Generator<unknown> {
  const others = [null, 'x', -1, true, [], ['x'], { x: 1 }, 'ref']
  function* visit(node: unknown, replace: (value: unknown) => unknown): Generator<unknown> {
    for (const other of others) yield replace(other)
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) {
      for (const [i, item] of node.entries()) yield* visit(item, value => replace(node.with(i, value)))
      return
    }
    for (const [name, value] of Object.entries(node)) {
      const { [name]: _, ...rest } = node as Record<string, unknown>
      yield replace(rest)
      yield replace({ ...rest, [`${name}x`]: value })
      yield* visit(value, changed => replace({ ...node, [name]: changed }))
    }
  }
  yield* visit(document, value => value)
}

it('the schema and the command agree about every sample with one value changed or one name mistyped', () => {
  const disagreements: string[] = []
  let compared = 0
  let refused = 0
  for (const [, text] of yamls) {
    for (const changed of changesOf(smaller(parse(text)))) {
      const isFine = isAccepted(changed)
      compared++
      if (!isFine) refused++
      if (validate(changed) !== isFine)
        disagreements.push(`${isFine ? 'refused' : 'accepted'} by the schema: ${JSON.stringify(changed)}`)
    }
  }
  expect(disagreements.slice(0, 5)).toEqual([])
  expect(compared).toBeGreaterThan(1000)
  expect(refused).toBeGreaterThan(1000)
})

/** The first model alone: the parts of one model are independent of the others. */
function smaller(document: { models: object; collections?: object }): object {
  const [first] = Object.entries(document.models)
  return { ...document, models: Object.fromEntries([first as [string, unknown]]) }
}
