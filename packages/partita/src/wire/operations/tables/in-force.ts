/** Milliseconds between two looks. */
const LOOK = 5

/**
 * Waits until a change of a table holds for everyone. What it then leaves to be done, such as filling an index or
 * clearing away what a table held, goes on by itself: AWS answers before that, too.
 *
 * @param done the change with all that it leaves.
 * @throws whatever the change threw before it held.
 */
export async function untilInForce(done: Promise<unknown>, isInForce: () => boolean): Promise<void> {
  let isDone = false
  // What fails after the answer was given, on a full disk say, is told to the next who writes.
  done
    .catch(() => undefined)
    .finally(() => {
      isDone = true
    })
  while (!isDone && !isInForce()) await new Promise(resolve => setTimeout(resolve, LOOK))
  if (isDone) await done
}
