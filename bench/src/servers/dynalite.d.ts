/** dynalite has no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  /** @param options.createTableMs milliseconds until a new table can be used. */
  export default function dynalite(options: { readonly createTableMs: number }): Server
}
