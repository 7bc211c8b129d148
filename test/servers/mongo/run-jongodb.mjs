/** jongodb, a native server that speaks MongoDB's protocol, as a replica set of one member in memory, until Ctrl-C. */
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { serve } from '../serve.mjs'

const MONGODB = {
  url: port => `mongodb://127.0.0.1:${port}/?replicaSet=rs0`,
  reach: port =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy()))
      socket.on('error', reject)
    }),
}

await serve(
  'jongodb',
  port => {
    const { resolve } = createRequire(import.meta.url)
    try {
      return [
        resolve('@jongodb/memory-server-bin-linux-x64-gnu/bin/jongodb'),
        '--host=127.0.0.1',
        `--port=${port}`,
        '--database=test',
        '--topology-profile=singleNodeReplicaSet',
        '--replica-set-name=rs0',
      ]
    } catch (cause) {
      throw new Error('@jongodb/memory-server-bin-linux-x64-gnu is not installed; it is for glibc on x64 alone', {
        cause,
      })
    }
  },
  0,
  MONGODB,
)
