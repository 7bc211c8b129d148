/** Runs workerd, Cloudflare's runtime, with the `config.capnp` of the working directory, until Ctrl-C. */
import workerd from 'workerd'
import { serve } from '../servers/serve.mjs'

await serve('workerd', port => [workerd.default, 'serve', 'config.capnp', '--socket-addr', `http=127.0.0.1:${port}`], 0)
