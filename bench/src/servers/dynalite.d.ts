/** dynalite has no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  /** @param options.createTableMs how long a new table cannot be used. */
  export default function dynalite(options: { readonly createTableMs: number }): Server
}
