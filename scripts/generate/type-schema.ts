import { type Checker, SymbolFlags, type Symbol, type Type, TypeFlags } from 'typescript/unstable/sync';

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Types whose values say more than their shape does. */
const KNOWN: Readonly<Record<string, Schema>> = {
  Digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
  JsonSchema: { $ref: 'https://json-schema.org/draft/2020-12/schema' },
};

/**
 * Turns types into JSON Schemas of the documents that hold their values. Types with a name are defined once, in `definitions`;
 * comments become descriptions. What JSON cannot hold is an error here.
 */
export class TypeSchemas {
  readonly #checker: Checker;
  readonly #names = new Map<string, number>();
  readonly definitions: Record<string, Schema> = {};

  constructor(checker: Checker) {
    this.#checker = checker;
  }

  /** Returns the schema of a document as a whole, which refers to `definitions` for what is in it. */
  document(type: Type): Schema {
    return this.#shapeOf(type);
  }

  /** Returns the schema of a type, or a reference to it. */
  schemaOf(type: Type): Schema {
    const name = nameOf(type);
    if (name === undefined) return this.#shapeOf(type);
    const known = KNOWN[name];
    if (known !== undefined) return known;
    const before = this.#names.get(name);
    if (before !== undefined && before !== type.id) throw new Error(`two types are named "${name}"`);
    if (before === undefined) {
      this.#names.set(name, type.id);
      this.definitions[name] = { ...describe(this.commentOf(symbolOf(type))), ...this.#shapeOf(type) };
    }
    return { $ref: `#/$defs/${name}` };
  }

  /** Returns the comment on a symbol, on one line. */
  commentOf(symbol: Symbol | undefined): string {
    const text = symbol === undefined ? '' : this.#checker.getDocumentationCommentOfSymbol(symbol);
    return text.replaceAll(/\s+/g, ' ').trim();
  }

  #shapeOf(type: Type): Schema {
    const checker = this.#checker;
    if (type.isUnionType()) return this.#unionOf(withoutUndefined(type.getTypes()));
    if (type.isLiteralType()) return { const: type.value };
    if (type.flags & TypeFlags.String) return { type: 'string' };
    if (type.flags & TypeFlags.Number) return { type: 'number' };
    if (type.flags & TypeFlags.Boolean) return { type: 'boolean' };
    if (type.flags & TypeFlags.Null) return { type: 'null' };
    if (checker.isTupleType(type) && type.isTypeReference()) {
      const parts = checker.getTypeArguments(type);
      const [minItems, maxItems] = [parts.length, parts.length];
      return { type: 'array', prefixItems: parts.map((part) => this.schemaOf(part)), minItems, maxItems };
    }
    if (checker.isArrayLikeType(type) && type.isTypeReference()) {
      const [item] = checker.getTypeArguments(type);
      return { type: 'array', items: item === undefined ? {} : this.schemaOf(item) };
    }
    if (type.isObjectType() || type.isIntersectionType()) return this.#objectOf(type);
    throw new Error(`JSON does not hold a "${checker.typeToString(type)}"`);
  }

  #unionOf(types: readonly Type[]): Schema {
    const checker = this.#checker;
    const [only] = types;
    if (only !== undefined && types.length === 1) return this.schemaOf(only);
    const values = types.flatMap((one) => (one.isLiteralType() ? [one.value] : []));
    const isEither = values.includes(true) && values.includes(false);
    const rest = types.filter((one) => !one.isLiteralType());
    const closed = isEither ? values.filter((value) => typeof value !== 'boolean') : values;
    const choices = [
      ...(closed.length === 0 ? [] : [{ enum: closed }]),
      ...(isEither ? [{ type: 'boolean' }] : []),
      ...rest.map((one) => this.schemaOf(one)),
    ];
    if (choices.length === 0)
      throw new Error(`nothing is a "${types.map((one) => checker.typeToString(one)).join(' | ')}"`);
    return choices.length === 1 ? Object(choices[0]) : { anyOf: choices };
  }

  #objectOf(type: Type): Schema {
    const checker = this.#checker;
    const members = checker.getPropertiesOfType(type);
    const [index] = checker.getIndexInfosOfType(type);
    if (index !== undefined) return { type: 'object', additionalProperties: this.schemaOf(index.valueType) };
    if (members.length === 0) throw new Error(`nothing is known of "${checker.typeToString(type)}"`);
    const isOptional = ({ flags }: Symbol): boolean => (flags & SymbolFlags.Optional) !== 0;
    const required = members.filter((member) => !isOptional(member));
    const properties = [...required, ...members.filter(isOptional)].map((member) => {
      const own = checker.getTypeOfSymbol(member);
      if (own === undefined) throw new Error(`"${member.name}" has no type`);
      return [member.name, { ...describe(this.commentOf(member)), ...this.schemaOf(own) }];
    });
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      required: required.map(({ name }) => name),
      additionalProperties: false,
    };
  }
}

function withoutUndefined(types: readonly Type[]): readonly Type[] {
  return types.filter((one) => (one.flags & TypeFlags.Undefined) === 0);
}

/** An array has the name of what it is made of; a name that is an instance of a generic one is none. */
function nameOf(type: Type): string | undefined {
  const alias = type.getAliasSymbol();
  if (alias !== undefined) return type.getAliasTypeArguments().length === 0 ? alias.name : undefined;
  return type.isClassOrInterface() ? type.getSymbol()?.name : undefined;
}

function symbolOf(type: Type): Symbol | undefined {
  return type.getAliasSymbol() ?? type.getSymbol();
}

function describe(description: string): Schema {
  return description === '' ? {} : { description };
}
