/** Which assets a field takes: content types and sizes. */
import { type Issue, invalid, ValidationError, valueText } from '../../errors/errors.js'
import { isPlainObject } from '../../value/value.js'
import type { AssetOptions, AssetSizes } from '../types/assets.js'

/** The options of an asset field, checked. */
export interface AssetRules extends AssetSizes {
  /** Sizes by type; undefined if all types are allowed. */
  readonly types: ReadonlyMap<string, AssetSizes> | undefined
}

const DEFAULT_MIN = 1
const DEFAULT_MAX = 10 * 1024 * 1024
const OTHERS = '*'
const TOKEN = "[a-z0-9!#$%&'+.^_`|~-]+"
const EXACT = new RegExp(`^${TOKEN}/${TOKEN}$`)
const WITH_PARAMETERS = new RegExp(`^${TOKEN}/${TOKEN}( *;[ -~]*)?$`, 'i')
const LONGEST_TYPE = 255
/** Groups that are the first part of their types. */
const TOP = ['image', 'audio', 'video', 'text', 'font']
const OFFICE = 'application/vnd.openxmlformats-officedocument.'
const DOCUMENTS = [
  'application/pdf',
  'application/rtf',
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
  `${OFFICE}wordprocessingml.document`,
  `${OFFICE}spreadsheetml.sheet`,
  `${OFFICE}presentationml.presentation`,
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
  'application/epub+zip',
]
const ARCHIVES = [
  'application/zip',
  'application/gzip',
  'application/zstd',
  'application/x-tar',
  'application/x-bzip2',
  'application/x-7z-compressed',
  'application/vnd.rar',
]
const GROUPS = [...TOP, 'document', 'archive']

/** @throws ValidationError listing every mistake, sizes that contradict each other included. */
export function assetRules(options: AssetOptions): AssetRules {
  if (!isPlainObject(options as unknown))
    throw invalid([], `is ${valueText(options)}; f.asset takes { types, min, max }`)
  const issues: Issue[] = []
  for (const name of Object.keys(options)) {
    if (!['types', 'min', 'max'].includes(name))
      issues.push({ path: [name], message: 'is not an option here; the options are types, min, max' })
  }
  checkSizes(options, [], issues)
  const types = typesOf(options.types as AssetOptions['types'], issues)
  const rules: AssetRules = { types, ...sizesIn(options) }
  if (issues.length === 0) {
    for (const type of [undefined, ...(types?.keys() ?? [])]) {
      const { min, max } = sizesBy(rules, type === undefined ? [] : patternsFor(type))
      if (min > max)
        issues.push({
          path: type === undefined ? [] : ['types', type],
          message: `allows no size: min is ${min} and max is ${max}`,
        })
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return rules
}

function typesOf(given: AssetOptions['types'], issues: Issue[]): Map<string, AssetSizes> | undefined {
  if (given === undefined) return undefined
  const entries: (readonly [unknown, unknown])[] = Array.isArray(given)
    ? given.map(type => [type, {}])
    : isPlainObject(given)
      ? Object.entries(given)
      : []
  if (entries.length === 0) issues.push({ path: ['types'], message: 'allows no type; omit it to allow all' })
  const types = new Map<string, AssetSizes>()
  for (const [type, sizes] of entries) {
    if (typeof type !== 'string' || !isPattern(type)) {
      const message = `has ${valueText(type)}; a type is such as image/png, image/*, ${OTHERS}, or one of ${GROUPS.join(', ')}`
      issues.push({ path: ['types'], message })
    } else if (!isPlainObject(sizes)) {
      issues.push({ path: ['types', type], message: `is ${valueText(sizes)}; it is an object with min and max` })
    } else {
      checkSizes(sizes, ['types', type], issues)
      types.set(type, sizesIn(sizes))
    }
  }
  return types
}

function isPattern(type: string): boolean {
  if (type === OTHERS || GROUPS.includes(type)) return true
  return type.endsWith('/*') ? EXACT.test(type.replace(/\*$/, 'any')) : EXACT.test(type)
}

function checkSizes(sizes: AssetSizes, at: readonly string[], issues: Issue[]): void {
  for (const name of ['min', 'max'] as const) {
    const size = sizes[name]
    if (size === undefined || (Number.isSafeInteger(size) && size >= 0)) continue
    issues.push({ path: [...at, name], message: `is ${valueText(size)}; it is a whole number of bytes from 0` })
  }
}

function sizesIn({ min, max }: AssetSizes): AssetSizes {
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
}

/** The content type of an upload in lower case, or undefined if it is not one. Parameters keep their case. */
export function contentType(input: unknown): string | undefined {
  if (typeof input !== 'string' || input.length > LONGEST_TYPE || !WITH_PARAMETERS.test(input)) return undefined
  const essence = essenceOf(input)
  return essence + input.slice(essence.length)
}

function essenceOf(type: string): string {
  return (type.split(';')[0] as string).trimEnd().toLowerCase()
}

/**
 * The sizes that a field takes of a content type: those of the exact type, else of `image/*`, else of its group, else of all
 * others, else of the field, else the defaults. Undefined if the field does not take the type.
 */
export function sizesFor(rules: AssetRules, type: string): Required<AssetSizes> | undefined {
  const patterns = patternsFor(essenceOf(type))
  if (rules.types && !patterns.some(pattern => rules.types?.has(pattern))) return undefined
  return sizesBy(rules, patterns)
}

function sizesBy({ types, min, max }: AssetRules, patterns: readonly string[]): Required<AssetSizes> {
  const first = (name: 'min' | 'max'): number | undefined =>
    patterns.map(pattern => types?.get(pattern)?.[name]).find(size => size !== undefined)
  return { min: first('min') ?? min ?? DEFAULT_MIN, max: first('max') ?? max ?? DEFAULT_MAX }
}

/** The patterns that apply to a type or to a pattern itself, the most exact one first. */
function patternsFor(type: string): string[] {
  const [top = ''] = type.split('/')
  const group = DOCUMENTS.includes(type) ? 'document' : ARCHIVES.includes(type) ? 'archive' : top
  return [...new Set([type, ...(type.includes('/') ? [`${top}/*`] : []), group, OTHERS])]
}
