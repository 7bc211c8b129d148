/** Prints fields: the chain of calls that builds each. */
import type { BuilderArgument, BuilderCall, FieldDescription } from '../../yaml/model-set.js'
import {
  docComment,
  numberOrWord,
  objectLiteral,
  patternLiteral,
  plainLiteral,
  propertyName,
  textLiteral,
} from './literal.js'
import type { ModuleScope } from './scope.js'

/** The fields of a model or a map, as an object. */
export function fieldsCode(fields: readonly FieldDescription[], scope: ModuleScope): string {
  const members = fields.map(
    ({ name, calls, description }) => `${docComment(description)}${propertyName(name)}: ${chainCode(calls, scope)}`,
  )
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')},\n}`
}

function chainCode(calls: readonly BuilderCall[], scope: ModuleScope): string {
  return calls
    .map(({ call, args }, i) => {
      const printed = args.map(arg => argumentCode(arg, scope)).join(', ')
      if (i > 0) return `.${call}(${printed})`
      return scope.isCustomField(call)
        ? `${scope.customField(call)}(${printed})`
        : `${scope.use('f')}.${call}(${printed})`
    })
    .join('')
}

function argumentCode(argument: BuilderArgument, scope: ModuleScope): string {
  if (typeof argument === 'string') return textLiteral(argument)
  if (typeof argument !== 'object' || argument === null) return numberOrWord(argument)
  switch (argument.kind) {
    case 'plain':
      return plainLiteral(argument.value)
    case 'field':
      return chainCode(argument.calls, scope)
    case 'fields':
      return fieldsCode(argument.fields, scope)
    case 'pattern':
      return patternLiteral(argument.source, argument.flags)
    case 'date':
      return `new Date(${textLiteral(argument.text)})`
    case 'bigint':
      return `${argument.text}n`
    case 'decimal':
      return `new ${scope.use('Decimal')}(${textLiteral(argument.text)})`
    case 'list':
      return `[${argument.items.map(item => argumentCode(item, scope)).join(', ')}]`
    case 'object':
      return objectLiteral(argument.members.map(([name, value]) => [name, argumentCode(value, scope)]))
    case 'rounding': {
      const type = scope.language === 'ts' ? ': number' : ''
      const comment = scope.language === 'ts' ? '' : '/** @param {number} value */ '
      return `{ encode: ${comment}(value${type}) => Number(value.toFixed(${argument.digits})), decode: ${comment}(value${type}) => value }`
    }
  }
}
