/** workerd, Cloudflare's runtime, on the `config.capnp` of the folder where this is started, until Ctrl-C. */
import workerd from 'workerd'
import { serve } from '../servers/serve.mjs'

await serve('workerd', port => [workerd.default, 'serve', 'config.capnp', '--socket-addr', `http=127.0.0.1:${port}`], 0)
