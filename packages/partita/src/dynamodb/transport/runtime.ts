/** What runs this program: Node, or a runtime with some of Node's modules or none. */

type Builtin = <T>(name: string) => T | undefined

/** Loads a builtin of Node without an import, which bundles for other runtimes could not resolve. */
export const builtin = (globalThis.process as { getBuiltinModule?: Builtin } | undefined)?.getBuiltinModule

/** The name that the runtime gives itself; undefined if it has none. */
export function runtimeName(): string | undefined {
  return (globalThis as { readonly navigator?: { readonly userAgent?: string } }).navigator?.userAgent
}
