/** `DescribeStream`: a stream and its one shard. */
import type { KeySchema } from '../../../store/definition.js'
import type { Operation, Wire } from '../../dispatch.js'
import { invalidValues } from '../../protocol/aws-error.js'
import { checkShard, SHARD_ID, STREAM_ARN, shardId, streamArn, streamOf, writeSequence } from './stream.js'

interface Input {
  readonly StreamArn: string
  readonly Limit?: number
  readonly ExclusiveStartShardId?: string
  /** Selects the children of a shard. */
  readonly ShardFilter?: { readonly Type: 'CHILD_SHARDS'; readonly ShardId: string }
}

const MOST = 100

/** `DescribeStream`: the description of a stream and its shard. */
export const describeStream: Operation = {
  input: {
    type: 'structure',
    members: {
      StreamArn: { ...STREAM_ARN, required: true },
      Limit: { type: 'integer', min: 1 },
      ExclusiveStartShardId: SHARD_ID,
      ShardFilter: {
        type: 'structure',
        members: {
          Type: { type: 'string', values: ['CHILD_SHARDS'], required: true },
          ShardId: { ...SHARD_ID, required: true },
        },
      },
    },
  },

  run(wire: Wire, { StreamArn, Limit = MOST, ExclusiveStartShardId: after, ShardFilter }: Input) {
    if (Limit > MOST) throw invalidValues(`Limit cannot be greater than the maximum: ${MOST}`)
    const stream = streamOf(wire, StreamArn)
    if (ShardFilter?.Type === 'CHILD_SHARDS') checkShard(stream, ShardFilter.ShardId)
    const shard = {
      ShardId: shardId(stream),
      SequenceNumberRange: {
        StartingSequenceNumber: writeSequence(stream.first),
        ...(stream.last !== undefined && { EndingSequenceNumber: writeSequence(stream.last) }),
      },
    }
    // Shards have no children here.
    const isShown = !ShardFilter && (after === undefined || shard.ShardId > after)
    return {
      StreamDescription: {
        StreamArn: streamArn(wire, stream),
        StreamLabel: stream.label,
        StreamStatus: stream.ended === undefined ? 'ENABLED' : 'DISABLED',
        StreamViewType: stream.view,
        CreationRequestDateTime: stream.since / 1000,
        TableName: stream.table,
        KeySchema: keySchema(stream.key),
        Shards: isShown ? [shard] : [],
      },
    }
  },
}

function keySchema({ partition, sort }: KeySchema): object[] {
  const hash = { AttributeName: partition.name, KeyType: 'HASH' }
  return sort ? [hash, { AttributeName: sort.name, KeyType: 'RANGE' }] : [hash]
}
