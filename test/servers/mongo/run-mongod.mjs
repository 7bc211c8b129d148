/** The mongod of this machine that MONGOMS_SYSTEM_BINARY names, as a replica set of one member, until Ctrl-C. */
import { MongoMemoryReplSet } from 'mongodb-memory-server-core'

const binary = process.env.MONGOMS_SYSTEM_BINARY
if (!binary) {
  console.error('MONGOMS_SYSTEM_BINARY names no mongod')
  process.exit(1)
}
try {
  const server = await MongoMemoryReplSet.create({
    replSet: { count: 1, ip: '127.0.0.1', storageEngine: 'wiredTiger' },
    binary: { systemBinary: binary },
  })
  const stop = () => server.stop().finally(() => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  if (process.argv.includes('--with-parent')) process.stdin.resume().on('end', stop)
  console.log(server.getUri())
} catch (error) {
  console.error(`${binary} cannot be run: ${error.message}`)
  process.exit(1)
}
