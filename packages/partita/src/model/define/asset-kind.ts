/** The kind of asset fields: how their values are checked, encoded and decoded. Types and sizes are for `rules/assets.ts`. */
import { invalid, valueText } from '../../errors/errors.js'
import { uploadTime } from '../../store/asset-store.js'
import { isPlainObject, type Value } from '../../value/value.js'
import type { Asset } from '../types/assets.js'
import { contentType } from './asset-rules.js'
import type { Kind } from './field-kinds.js'
import { refuse, unknownName, wanted } from './input-issues.js'

const NAMES = ['id', 'type', 'size', 'sha256', 'name']
const SHA256 = /^[0-9a-f]{64}$/
const LONGEST_NAME = 1024
const CONTROL = /\p{Cc}/u

/** Whether a text can be the name of a file: not empty, not long, and of no characters that could end a line of a header. */
export function isAssetName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME && !CONTROL.test(name)
}

/** The implementation of the kind. */
export const assetKind: Kind = {
  encode: () => (input, at, issues) => {
    if (!isPlainObject(input)) return wanted(issues, at, 'an asset, which db.assets.upload returns', input)
    const before = issues.length
    for (const name of Object.keys(input)) {
      if (!NAMES.includes(name)) refuse(issues, [...at, name], unknownName(name, NAMES, issues.length - before))
    }
    const { id, size, sha256, name } = input
    const type = contentType(input.type)
    if (uploadTime(id) === undefined) wanted(issues, [...at, 'id'], 'the id of an upload', id)
    if (type === undefined) wanted(issues, [...at, 'type'], 'a content type', input.type)
    if (!Number.isSafeInteger(size) || (size as number) < 0) wanted(issues, [...at, 'size'], 'a number of bytes', size)
    if (typeof sha256 !== 'string' || !SHA256.test(sha256)) wanted(issues, [...at, 'sha256'], 'a SHA-256', sha256)
    if (name !== undefined && !isAssetName(name)) wanted(issues, [...at, 'name'], 'the name of a file', name)
    if (issues.length > before) return undefined
    return { id, type, size, sha256, ...(name !== undefined && { name }) } as Value
  },
  decode: () => stored => {
    const parts: Readonly<Record<string, unknown>> = isPlainObject(stored) ? stored : {}
    const { id, type, size, sha256, name } = parts
    const isAsset =
      typeof id === 'string' && typeof type === 'string' && typeof size === 'number' && typeof sha256 === 'string'
    if (!isAsset) throw invalid([], `holds ${valueText(stored)}, which a field of kind asset cannot give`)
    const asset: Asset = { id, type, size, sha256, ...(typeof name === 'string' && { name }) }
    return asset
  },
}
