// The fields of rules as CEL sees them: `process.name` is the key `name` of the variable `process`.

import { type FieldName, fields } from "./fields.ts";

type Schema = Record<string, string>;
export type CelVariable = { readonly name: string; readonly schema: Schema };

export const celVariables: readonly CelVariable[] = groupFields();

export function isVariable(name: string): boolean {
  return celVariables.some((variable) => variable.name === name);
}

function groupFields(): readonly CelVariable[] {
  const schemas: Record<string, Schema> = {};
  for (const name of Object.keys(fields).filter(isKnown)) {
    const [variable = "", key = ""] = name.split(".");
    schemas[variable] = { ...schemas[variable], [key]: fields[name].type };
  }
  schemas["container"] = { ...schemas["container"], labels: "map<string, string>" };
  return Object.entries(schemas).map(([name, schema]) => ({ name, schema }));
}

function isKnown(name: string): name is FieldName {
  return Object.hasOwn(fields, name);
}
