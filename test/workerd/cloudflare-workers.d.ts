/** The part of the runtime's own module that the Worker uses. */
declare module 'cloudflare:workers' {
  /** The bindings of the Worker's configuration. */
  export const env: {
    readonly ENDPOINT: string
    readonly TABLE: string
    /** The Worker itself. */
    readonly SELF: { fetch(url: string, init: RequestInit): Promise<Response> }
  }
}
