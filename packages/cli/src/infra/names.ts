/** Names of a table in languages that allow fewer characters than DynamoDB does. */

/** The name in PascalCase, such as `MyAppTable` for `my-app`. */
export function pascalName(table: string): string {
  const words = table.split(/[^A-Za-z0-9]+/).filter(word => word !== '')
  const name = words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('')
  return `${/^[A-Z]/.test(name) ? '' : 'T'}${name}Table`
}

/** The name in snake_case, such as `my_app` for `my-app`. */
export function snakeName(table: string): string {
  const name = table.toLowerCase().replace(/[^a-z0-9]+/g, '_')
  return /^[a-z]/.test(name) ? name : `t_${name}`
}
