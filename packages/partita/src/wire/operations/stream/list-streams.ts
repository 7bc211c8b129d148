/** `ListStreams`: the streams of one or all tables, ordered by ARN, after which the next page starts. */

import type { Operation, Wire } from '../../dispatch.js'
import { invalidValues, validation } from '../../protocol/aws-error.js'
import { STREAM_ARN, streamArn } from './stream.js'

interface Input {
  readonly TableName?: string
  readonly Limit?: number
  readonly ExclusiveStartStreamArn?: string
}

const MOST = 100

/** `ListStreams`: a page of the streams of one table or of all tables. */
export const listStreams: Operation = {
  input: {
    type: 'structure',
    members: {
      TableName: { type: 'string', min: 3, max: 255, pattern: /^[a-zA-Z0-9_.-]+$/ },
      Limit: { type: 'integer', min: 1 },
      ExclusiveStartStreamArn: STREAM_ARN,
    },
  },

  run(wire: Wire, { TableName, Limit = MOST, ExclusiveStartStreamArn: after }: Input) {
    if (Limit > MOST) throw invalidValues(`Limit cannot be greater than the maximum allowed size: ${MOST}`)
    if (after !== undefined && !after.startsWith('arn:')) throw validation('Invalid StreamArn')
    const entries = wire.store
      .streams()
      .filter(({ table }) => TableName === undefined || table === TableName)
      .map(stream => ({ StreamArn: streamArn(wire, stream), TableName: stream.table, StreamLabel: stream.label }))
      .sort((a, b) => (a.StreamArn < b.StreamArn ? -1 : 1))
      .filter(({ StreamArn }) => after === undefined || StreamArn > after)
    const page = entries.slice(0, Limit)
    return { Streams: page, ...(page.length < entries.length && { LastEvaluatedStreamArn: page.at(-1)?.StreamArn }) }
  },
}
