/** Loads modules of the program, in TypeScript or JavaScript. */

/** How a module is loaded. */
export interface ModuleLoading {
  /** Returns the default export, instead of all exports. */
  readonly default?: true
  /** Loads a module that was loaded before again, as a command that watches needs it. */
  readonly isFresh?: boolean
}

/**
 * What a module exports.
 * @param path absolute.
 * @throws what the module throws; {@link loadingProblem} words it.
 */
export async function importModule<Exported>(path: string, loading: ModuleLoading = {}): Promise<Exported> {
  const { createJiti } = await import('jiti')
  const { default: isDefault, isFresh = false } = loading
  // Without a cache in files: jiti's may be in the system's temporary folder, where other users could plant code.
  const jiti = createJiti(import.meta.url, { fsCache: false, ...(isFresh && { moduleCache: false }) })
  return isDefault ? jiti.import<Exported>(path, { default: true }) : jiti.import<Exported>(path)
}

/** Why a module cannot be loaded, without Node's list of the modules that required a missing one. */
export function loadingProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split(/\s*Require stack:/, 1)[0] as string
}
