// A condition as a tree of our own: everything that a rule can say, with every name resolved and every type known. Only
// what has the shape of this type is ever executed, whatever language it was written in.

import type { FieldName } from "./fields.ts";

export type TextTest = "contains" | "startsWith" | "endsWith" | "glob" | "within" | "inNetwork";
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type BooleanExpression =
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "flag"; readonly field: FieldName }
  | { readonly kind: "not"; readonly operand: BooleanExpression }
  | { readonly kind: "and" | "or"; readonly left: BooleanExpression; readonly right: BooleanExpression }
  | { readonly kind: "same"; readonly left: BooleanExpression; readonly right: BooleanExpression }
  | {
      readonly kind: "compare-numbers";
      readonly operator: Comparison;
      readonly left: NumberExpression;
      readonly right: NumberExpression;
    }
  | {
      readonly kind: "compare-texts";
      readonly operator: Comparison;
      readonly left: TextExpression;
      readonly right: TextExpression;
    }
  | { readonly kind: "number-in"; readonly item: NumberExpression; readonly values: readonly number[] }
  | { readonly kind: "text-in"; readonly item: TextExpression; readonly list: ListExpression }
  /** The text against any one of the others. */
  | { readonly kind: "test"; readonly test: TextTest; readonly text: TextExpression; readonly list: ListExpression }
  | { readonly kind: "has-label"; readonly label: TextExpression }
  | { readonly kind: "any" | "all"; readonly list: ListExpression; readonly holds: BooleanExpression };

export type NumberExpression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "number-field"; readonly field: FieldName }
  | { readonly kind: "text-size"; readonly text: TextExpression }
  | { readonly kind: "list-size"; readonly list: ListExpression };

export type TextExpression =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "text-field"; readonly field: FieldName }
  /** The one that the surrounding `any` or `all` looks at. */
  | { readonly kind: "item" }
  | { readonly kind: "label"; readonly name: TextExpression }
  | { readonly kind: "lower"; readonly text: TextExpression }
  /** "" beyond the end. */
  | { readonly kind: "list-item"; readonly list: ListExpression; readonly index: number };

export type ListExpression =
  | { readonly kind: "texts"; readonly values: readonly string[] }
  /** One text, where a list may stand as well. */
  | { readonly kind: "single"; readonly text: TextExpression }
  | { readonly kind: "list-field"; readonly field: FieldName };
