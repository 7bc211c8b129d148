/** Runs many requests, a few at a time. */

/** Requests in flight at once. */
const AT_ONCE = 16

/** Calls `work` for each input, for at most 16 at a time. The results have the order of the inputs. */
export async function mapConcurrently<In, Out>(
  inputs: readonly In[],
  work: (input: In) => Promise<Out>,
): Promise<Out[]> {
  const outcomes: Out[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < inputs.length) {
      const i = next++
      outcomes[i] = await work(inputs[i] as In)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, inputs.length) }, worker))
  return outcomes
}
