/**
 * Program text with the same models for several libraries: ten fields, two indexes, and a unique constraint if the
 * library supports it. Each model has its own name and one field of its own, so that types cannot be shared.
 */
export interface Source {
  readonly library: string
  /** A module that defines the given number of models, `M1` and so on. */
  definitions(models: number): string
  /** More lines of the module, which create, read, change and query each model. */
  uses?(models: number): string
}

/** Lines for each model, numbered from 1. */
export function forEach(models: number, lines: (model: number) => string): string {
  return Array.from({ length: models }, (_, i) => lines(i + 1)).join('\n')
}
