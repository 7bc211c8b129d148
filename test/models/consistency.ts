/**
 * What must hold of a whole table, worked out from its rows and the models' definitions alone: nothing of the model
 * layer is used but the encoding of numbers, so that a mistake there is not made here as well.
 */

import { encodeNumber } from '../../packages/partita/src/keys/encode.js'
import type { IndexTemplate, ModelDefinition, Models } from '../../packages/partita/src/model/define/definition.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { type Item, isNumber, type Key, type Value } from '../../packages/partita/src/value/value.js'
import { countFaultsOf } from './counted-refs.js'

export interface CheckedTable {
  readonly store: Store
  readonly table: string
  readonly models: Models
  /** Epoch milliseconds: rows past their time to live, and their markers, count as absent. Default: now. */
  readonly now?: number
}

/** Every item of a table that is made of rows; not what the library notes of the table itself. */
export async function everyItem({ store, table }: Pick<CheckedTable, 'store' | 'table'>): Promise<Item[]> {
  const items: Item[] = []
  let after: Key | undefined
  do {
    const page = await store.scan({ table, consistent: true, ...(after && { after }) })
    items.push(...page.items.filter(({ pk }) => !/^(T#[^#]*#)?PARTITA#/.test(String(pk))))
    after = page.next
  } while (after)
  return items
}

/** All that is wrong in a table, a line for each; empty where it is as its rows say. */
export async function faultsOf(checked: CheckedTable): Promise<string[]> {
  const second = Math.floor((checked.now ?? Date.now()) / 1000)
  const live = (await everyItem(checked)).filter(({ ttl }) => !(isNumber(ttl) && Number(ttl) <= second))
  const { models } = checked
  const byType = new Map(Object.values(models).map(({ name, definition }) => [definition.type ?? name, definition]))
  const faults: string[] = []
  const expected = new Map<string, Marker>()
  const buckets = new Map<string, Set<string>>()
  for (const row of live.filter(item => !isMarker(item))) {
    const definition = byType.get(String(row._type))
    if (!definition) {
      faults.push(`${keyText(row)} is of no model: ${String(row._type)}`)
      continue
    }
    faults.push(...rowFaults(row, definition).map(fault => `${keyText(row)} ${fault}`))
    const bucket = `${row._type} of ${prefixOf(row) || 'no tenant'}`
    if (row._iter_pk !== undefined) buckets.set(bucket, (buckets.get(bucket) ?? new Set()).add(String(row._iter_pk)))
    for (const marker of markersOf(row, definition)) {
      const other = expected.get(marker.pk)
      if (other) faults.push(`${keyText(row)} has the same ${marker.constraint} as ${JSON.stringify(other.owner)}`)
      expected.set(marker.pk, marker)
    }
  }
  const rows = live.filter(item => !isMarker(item) && byType.has(String(item._type)))
  faults.push(...bucketFaults(buckets, byType), ...markerFaults(live.filter(isMarker), expected))
  faults.push(...countFaultsOf(rows, models, prefixOf))
  return faults
}

interface Marker {
  readonly pk: string
  readonly constraint: string
  readonly owner: Key
  readonly ttl: Value | undefined
}

const OWN_ATTRIBUTES = ['pk', 'sk', '_type', '_rev', '_iter_pk', '_iter_sk', 'ttl']

function isMarker(item: Item): boolean {
  return item._type === 'UNIQUE'
}

function rowFaults(row: Item, definition: ModelDefinition): string[] {
  const faults: string[] = []
  const prefix = prefixOf(row)
  const expect = (name: string, expected: Value | undefined) => {
    if (row[name] !== expected) faults.push(`has ${name} ${shown(row[name])} in the place of ${shown(expected)}`)
  }
  const { pk, sk = String(row._type) } =
    typeof definition.key === 'string' ? { pk: `${row._type}#{${definition.key}}` } : definition.key
  expect('pk', keyFrom(pk, row, definition, prefix))
  expect('sk', keyFrom(sk, row, definition, ''))
  if (typeof row._rev !== 'string' || row._rev === '') faults.push(`has no revision but ${shown(row._rev)}`)

  const indexes = new Map(Object.values(definition.indexes ?? {}).map(index => [index.on, index]))
  for (let i = 1; i <= 20; i++) {
    const index = isOutOfIndexes(row, definition) ? undefined : indexes.get(`gsi${i}`)
    const keys = indexKeys(index, row, definition, prefix)
    expect(`gsi${i}pk`, keys?.pk)
    expect(`gsi${i}sk`, keys?.sk)
  }

  for (const name of ['_iter_pk', '_iter_sk']) {
    const isThere = typeof row[name] === 'string' && row[name] !== ''
    if (isThere !== (definition.iterable !== false)) faults.push(`has ${name} ${shown(row[name])}`)
  }
  if (row._iter_pk !== undefined && !String(row._iter_pk).startsWith(prefix))
    faults.push(`has ${shown(row._iter_pk)} of another tenant`)

  const known = new Set([
    ...OWN_ATTRIBUTES,
    ...Object.keys(definition.fields).map(name => attributeOf(name, definition)),
    ...(definition.softDelete ? ['deletedAt'] : []),
  ])
  const isKnown = (name: string) => known.has(name) || /^gsi\d+[ps]k$/.test(name) || /^_count(ed$|\.)/.test(name)
  const foreign = Object.keys(row).filter(name => !isKnown(name))
  if (foreign.length > 0) faults.push(`has attributes that are not fields: ${foreign.join(', ')}`)
  return faults
}

/** The options of soft deletes that apply to a row; undefined for a row that is not deleted. */
function softDeleteOf(row: Item, { softDelete }: ModelDefinition) {
  if (!softDelete || row.deletedAt === undefined) return undefined
  return softDelete === true ? {} : softDelete
}

function isOutOfIndexes(row: Item, definition: ModelDefinition): boolean {
  return softDeleteOf(row, definition)?.indexes === 'remove'
}

/** A row is in an index with both parts of the key, or with none. */
function indexKeys(index: IndexTemplate | undefined, row: Item, definition: ModelDefinition, prefix: string) {
  if (!index) return undefined
  const pk = keyFrom(index.pk, row, definition, prefix)
  const sk = keyFrom(index.sk ?? String(row._type), row, definition, '')
  return pk === undefined || sk === undefined ? undefined : { pk, sk }
}

function markersOf(row: Item, definition: ModelDefinition): Marker[] {
  const prefix = prefixOf(row)
  const softDelete = softDeleteOf(row, definition)
  if (softDelete && softDelete.unique !== 'keep') return []
  return Object.entries(definition.unique ?? {}).flatMap(([constraint, it]) => {
    const { fields, lower = false, trim = false } = 'fields' in it ? it : { fields: it }
    const values = fields.map(name => row[attributeOf(name, definition)])
    if (values.some(value => value === undefined)) return []
    const texts = values.map(value => {
      let text = valueText(value as Value)
      if (trim) text = text.trim()
      if (lower) text = text.toLowerCase()
      return escaped(text)
    })
    const pk = `${prefix}UNIQUE#${row._type}#${constraint}#${texts.join('#')}`
    return [{ pk, constraint, owner: { pk: String(row.pk).slice(prefix.length), sk: String(row.sk) }, ttl: row.ttl }]
  })
}

function markerFaults(markers: readonly Item[], expected: ReadonlyMap<string, Marker>): string[] {
  const faults: string[] = []
  const missing = new Map(expected)
  for (const marker of markers) {
    const { pk, sk, _type, _rev, owner, ttl, ...more } = marker
    const wanted = expected.get(String(pk))
    if (sk !== 'UNIQUE') faults.push(`${keyText(marker)} is a marker with a sort key of its own`)
    if (!wanted) {
      faults.push(`${keyText(marker)} is orphaned: ${shown(owner)} is not a row with that value`)
      continue
    }
    missing.delete(String(pk))
    const { pk: ownerPk, sk: ownerSk } = (owner ?? {}) as Item
    if (ownerPk !== wanted.owner.pk || ownerSk !== wanted.owner.sk) {
      faults.push(`${keyText(marker)} names ${shown(owner)} in the place of ${shown(wanted.owner)}`)
    }
    if (ttl !== wanted.ttl) faults.push(`${keyText(marker)} has ttl ${shown(ttl)}, its row ${shown(wanted.ttl)}`)
    if (typeof _rev !== 'string' || _rev === '') faults.push(`${keyText(marker)} has no revision but ${shown(_rev)}`)
    if (Object.keys(more).length > 0)
      faults.push(`${keyText(marker)} has more attributes: ${Object.keys(more).join(', ')}`)
  }
  for (const { pk, owner } of missing.values()) faults.push(`${pk} is missing, the marker of ${shown(owner)}`)
  return faults
}

/** The library chooses the bucket of a row. Only the number of buckets is checked, and that models do not share them. */
function bucketFaults(
  buckets: ReadonlyMap<string, ReadonlySet<string>>,
  byType: ReadonlyMap<string, ModelDefinition>,
): string[] {
  const faults: string[] = []
  const owners = new Map<string, string>()
  for (const [owner, texts] of buckets) {
    const iterable = byType.get(owner.slice(0, owner.indexOf(' of ')))?.iterable
    const most = typeof iterable === 'object' ? iterable.buckets : 10
    if (texts.size > most) faults.push(`The rows of ${owner} are in ${texts.size} buckets, not ${most}`)
    for (const text of texts) {
      const other = owners.get(text)
      if (other) faults.push(`The bucket ${text} holds rows of ${owner} and rows of ${other}`)
      owners.set(text, owner)
    }
  }
  return faults
}

/** The tenant's part of a row's partition key: `T#`, the name, `#`; empty without a tenant. */
function prefixOf({ pk }: Item): string {
  const [mark, tenant] = String(pk).split('#')
  return mark === 'T' ? `T#${tenant}#` : ''
}

/** A key text from its template; undefined where one of its fields is missing or empty. */
function keyFrom(template: string, row: Item, definition: ModelDefinition, prefix: string): string | undefined {
  let isWhole = true
  const text = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = row[attributeOf(name, definition)]
    if (value === undefined || value === '') isWhole = false
    return value === undefined ? '' : escaped(valueText(value))
  })
  return isWhole ? prefix + text : undefined
}

function attributeOf(name: string, { fields }: ModelDefinition): string {
  const spec = fields[name]?.spec
  if (spec?.kind === 'deletedAt') return 'deletedAt'
  return spec?.kind === 'ttl' ? 'ttl' : (spec?.attribute ?? name)
}

function valueText(value: Value): string {
  if (isNumber(value)) return encodeNumber(value)
  if (typeof value === 'string' || typeof value === 'boolean') return String(value)
  throw new Error(`${shown(value)} cannot be part of a key`)
}

function escaped(text: string): string {
  return Array.from(text, it =>
    it > '%' ? it : `%${it.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}

function keyText({ pk, sk }: Item): string {
  return `${String(pk)} | ${String(sk)}:`
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value))
}
