/** The runtime's own module, as far as the Worker uses it. */
declare module 'cloudflare:workers' {
  /** The bindings of the Worker's configuration. */
  export const env: {
    readonly ENDPOINT: string
    readonly TABLE: string
    /** The Worker itself. */
    readonly SELF: { fetch(url: string, init: RequestInit): Promise<Response> }
  }
}
