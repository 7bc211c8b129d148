/** Validates settings of a table's stream, encryption and class. */
import { createHash } from 'node:crypto'
import type { StreamView } from '../../../embedded/stream/stream.js'
import { invalidValues, validation } from '../../protocol/aws-error.js'
import type { SseSpecification, StreamSpecification } from './inputs.js'

const TABLE_CLASSES = ['STANDARD', 'STANDARD_INFREQUENT_ACCESS']
const AWS_KEY = 'alias/aws/dynamodb'

/** The view type of a new table's stream; undefined for a table without a stream. @throws AwsError */
export function streamOfNew(specification: StreamSpecification | undefined): StreamView | undefined {
  if (!specification) return undefined
  const { StreamEnabled: isEnabled, StreamViewType: view } = specification
  if (isEnabled && view === undefined) {
    throw invalidValues('Table is being created with a stream enabled, UpdateViewType is required')
  }
  if (!isEnabled && view !== undefined) {
    throw invalidValues('Table is being created with a stream disabled, UpdateViewType should not be specified')
  }
  return view
}

/** The view type of a stream to enable; false to disable it. @throws AwsError */
export function streamChange(specification: StreamSpecification): StreamView | false {
  const { StreamEnabled: isEnabled, StreamViewType: view } = specification
  if (!isEnabled) {
    if (view === undefined) return false
    throw invalidValues('If stream is being disabled, then UpdateViewType must not be specified')
  }
  if (view === undefined) throw invalidValues('If stream is being enabled then UpdateViewType is required')
  return view
}

/** @throws AwsError for an unknown table class. */
export function checkTableClass(name: string | undefined): void {
  if (name === undefined || TABLE_CLASSES.includes(name)) return
  throw validation(
    `Invalid table-class parameter provided. Please try again with a valid table-class value: [${TABLE_CLASSES.join(', ')}].`,
  )
}

/** @throws AwsError for settings of encryption that contradict each other. */
export function checkEncryption(specification: SseSpecification | undefined): void {
  const { Enabled: isEnabled = false, SSEType: type, KMSMasterKeyId: key } = specification ?? {}
  if (!isEnabled) {
    if (type !== undefined) throw invalidValues('SSEType can not be specified if Enabled is false')
    if (key !== undefined) throw invalidValues('KMSMasterKeyId can not be specified if Enabled is false')
  }
  if (type === 'AES256') throw invalidValues('SSEType AES256 is not supported')
}

/** The ARN of the key that encrypts a table; undefined for the key that AWS owns. */
export function encryptionKey(specification: SseSpecification | undefined, region: string): string | undefined {
  if (!specification?.Enabled) return undefined
  const { KMSMasterKeyId: key = AWS_KEY } = specification
  if (key.startsWith('arn:')) return key
  // There is no key service here: each key name maps to a fixed ARN.
  const hex = createHash('sha256').update(key).digest('hex')
  const id = key.startsWith('alias/')
    ? `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
    : key
  return `arn:aws:kms:${region}:000000000000:key/${id}`
}
