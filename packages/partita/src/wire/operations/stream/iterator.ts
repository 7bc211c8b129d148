/**
 * Shard iterators: a position in a stream, valid for 15 minutes. Each is signed with a secret of the stream, so that
 * iterators of other stores or streams, and forged ones, are refused.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Stream } from '../../../embedded/stream/stream.js'
import type { Wire } from '../../dispatch.js'
import { AwsError, validation } from '../../protocol/aws-error.js'
import { streamArn, streamOf } from './stream.js'

const LIFETIME_MILLISECONDS = 15 * 60 * 1000
/** Sequence number and creation time, eight bytes each. */
const POSITION_BYTES = 16
const SEAL_BYTES = 16

/** A position in a stream: the sequence number that is read next. */
export interface ShardPosition {
  readonly stream: Stream
  readonly from: number
}

/** A shard iterator for a position. It expires 15 minutes from now. */
export function writeIterator(wire: Wire, { stream, from }: ShardPosition): string {
  const position = Buffer.alloc(POSITION_BYTES)
  position.writeBigUInt64BE(BigInt(from), 0)
  position.writeBigUInt64BE(BigInt(wire.now()), 8)
  return `${streamArn(wire, stream)}|1|${Buffer.concat([position, seal(stream, position)]).toString('base64')}`
}

/** @throws AwsError for an iterator that is forged or expired, or whose records are removed. */
export function readIterator(wire: Wire, iterator: string): ShardPosition {
  const [arn, version, text, ...more] = iterator.split('|')
  if (!arn?.startsWith('arn:') || version !== '1' || text === undefined || more.length > 0) throw invalidIterator()
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== POSITION_BYTES + SEAL_BYTES || bytes.toString('base64') !== text) throw invalidIterator()
  const stream = streamOf(wire, arn)
  const position = bytes.subarray(0, POSITION_BYTES)
  const isOurs =
    arn === streamArn(wire, stream) && timingSafeEqual(bytes.subarray(POSITION_BYTES), seal(stream, position))
  if (!isOurs) throw invalidIterator()
  if (wire.now() - Number(position.readBigUInt64BE(8)) > LIFETIME_MILLISECONDS) {
    throw new AwsError('ExpiredIteratorException', 'Iterator expired')
  }
  const from = Number(position.readBigUInt64BE(0))
  checkUntrimmed(stream, from)
  return { stream, from }
}

/** @throws AwsError if records from this position on were removed because of their age. */
export function checkUntrimmed({ first, trimmed }: Stream, from: number): void {
  if (trimmed > first && from <= trimmed) {
    throw new AwsError('TrimmedDataAccessException', 'The data you are trying to access has been trimmed')
  }
}

function invalidIterator(): AwsError {
  return validation('Invalid ShardIterator')
}

function seal({ secret }: Stream, position: Uint8Array): Uint8Array {
  return createHmac('sha256', Buffer.from(secret, 'base64')).update(position).digest().subarray(0, SEAL_BYTES)
}
