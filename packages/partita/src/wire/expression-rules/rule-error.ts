/** An expression that is invalid for every item. The reported message begins with the name of the expression. */
export class RuleError extends Error {
  override readonly name = 'Refusal'
}
