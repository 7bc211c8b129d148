/** Runs work on many elements, a few at a time. */

/**
 * @returns the results in the order of the elements. @throws the first error, after the work in flight has ended.
 */
export async function eachConcurrently<In, Out>(
  elements: readonly In[],
  limit: number,
  work: (element: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = new Array(elements.length)
  let next = 0
  let failed: { readonly error: unknown } | undefined
  const worker = async () => {
    while (next < elements.length && !failed) {
      const i = next++
      try {
        results[i] = await work(elements[i] as In)
      } catch (error) {
        failed ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, elements.length) }, worker))
  if (failed) throw failed.error
  return results
}
