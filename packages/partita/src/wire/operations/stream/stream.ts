/** Reads and writes the ARN, shard id and sequence numbers of a stream. */
import type { Stream } from '../../../embedded/stream/stream.js'
import type { Wire } from '../../dispatch.js'
import { AwsError, validation } from '../../protocol/aws-error.js'
import type { Member } from '../../protocol/shape.js'
import { tableArn } from '../../protocol/table-name.js'

/** The ARN of a stream. */
export const STREAM_ARN = { type: 'string', min: 37, max: 1024 } as const satisfies Member
/** The id of a shard. */
export const SHARD_ID = { type: 'string', min: 28, max: 65 } as const satisfies Member

const ARN = /^arn:[^:]+:dynamodb:([^:]*):[^:]*:table\/([a-zA-Z0-9_.-]{3,255})\/stream\/([^/|]+)$/

/** Sequence numbers have at least 21 digits on the wire, so this is added to those of the store. */
const SEQUENCE_BASE = 100_000_000_000_000_000_000n

/** The ARN of a stream. */
export function streamArn(wire: Wire, { table, label }: Stream): string {
  return `${tableArn(wire, table)}/stream/${label}`
}

/** @throws AwsError for an ARN that is invalid, of another region, or of a stream that does not exist. */
export function streamOf(wire: Wire, arn: string): Stream {
  const parts = ARN.exec(arn)
  if (!parts) throw validation('Invalid StreamArn')
  const [, region, table, label] = parts as unknown as [string, string, string, string]
  const found = wire.store.stream(table, label)
  if (!found || region !== wire.region) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`)
  }
  return found
}

/** The id of a stream's only shard. */
export function shardId({ id, since }: Stream): string {
  return `shardId-${String(since).padStart(20, '0')}-${id.toString(16).padStart(8, '0')}`
}

/** @throws AwsError if the stream does not have the shard. */
export function checkShard(stream: Stream, shard: string): void {
  if (shard === shardId(stream)) return
  throw new AwsError('ResourceNotFoundException', 'Requested resource not found: Shard does not exist')
}

/** A sequence number of the store in the wire's form. */
export function writeSequence(sequence: number): string {
  return String(SEQUENCE_BASE + BigInt(sequence))
}

/** Undefined for text that is not a number. Numbers that the store has not assigned are negative or above its last. */
export function readSequence(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(BigInt(text) - SEQUENCE_BASE) : undefined
}
