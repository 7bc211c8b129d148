/** Relations between models, as data. */

/** A relation to one row, whose key is stored in fields of this row. */
export interface OneRelation<Target extends string = string> {
  /** Discriminates the relations. */
  readonly kind: 'one'
  /** The other model. */
  readonly target: Target
  /** The field with the target's only key field, or a field for each of its key fields. */
  readonly fields: string | Readonly<Record<string, string>>
}

/** A relation to the rows of another model in one partition of an index or of the table. */
export interface ManyRelation<Target extends string = string> {
  /** Discriminates the relations. */
  readonly kind: 'many'
  /** The other model. */
  readonly target: Target
  /** The index of the other model, or `key`. */
  readonly index: string
  /** The fields of this row for fields of the index's partition key, if their names differ. */
  readonly fields: Readonly<Record<string, string>> | undefined
}

/** A many-to-many relation, through a model of pairs. */
export interface ThroughRelation<Target extends string = string, Via extends string = string> {
  /** Discriminates the relations. */
  readonly kind: 'through'
  /** The other model. */
  readonly target: Target
  /** The model of the pairs. */
  readonly via: Via
  /** The index of the pairs, or `key`, that lists the pairs of this row. */
  readonly index: string
  /** The fields of this row for fields of the index's partition key, if their names differ. */
  readonly fields: Readonly<Record<string, string>> | undefined
  /** The relation of the pair to the target; required if the pair has several. */
  readonly to: string | undefined
}

/** Any relation. */
export type AnyRelation = OneRelation | ManyRelation | ThroughRelation

/**
 * A relation to the row whose key is stored in a field of this row: `one('User', 'authorId')`. For a target with several key
 * fields, name a field for each: `one('Member', { orgId: 'orgId', userId: 'ownerId' })`.
 */
export function one<const Target extends string>(
  target: Target,
  fields: string | Readonly<Record<string, string>>,
): OneRelation<Target> {
  return { kind: 'one', target, fields }
}

/**
 * A relation to the rows of another model that one of its indexes, or its `key`, lists for this row: `many('Post', 'byAuthor')`.
 * The fields of the index's partition key are taken from `fields`, such as `{ editorId: 'userId' }`, else from the key of
 * this row if they are a `ref` to its model, else from the fields of the same names.
 */
export function many<const Target extends string>(
  target: Target,
  index: string,
  fields?: Readonly<Record<string, string>>,
): ManyRelation<Target> {
  return { kind: 'many', target, index, fields }
}

/**
 * A many-to-many relation through a model of pairs: `through('Tag', 'PostTag', 'byPost')`. The index of the pairs lists those
 * of this row. `to` names the pair's relation to the target if it has several:
 * `through('User', 'Follow', 'byFollower', { to: 'followed' })`.
 */
export function through<const Target extends string, const Via extends string>(
  target: Target,
  via: Via,
  index: string,
  { fields, to }: { readonly fields?: Readonly<Record<string, string>>; readonly to?: string } = {},
): ThroughRelation<Target, Via> {
  return { kind: 'through', target, via, index, fields, to }
}
