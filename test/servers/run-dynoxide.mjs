/** dynoxide, a native emulator of DynamoDB, in memory, until Ctrl-C. */
import { createRequire } from 'node:module'
import { serve } from './serve.mjs'

await serve(
  'dynoxide',
  port => {
    const { resolve } = createRequire(import.meta.url)
    try {
      return [resolve('@dynoxide/linux-x64/dynoxide'), 'serve', '--host', '127.0.0.1', '--port', `${port}`]
    } catch (cause) {
      throw new Error('@dynoxide/linux-x64 is not installed; it has binaries for Linux on x64 alone', { cause })
    }
  },
  0,
)
