// Which parts of a question a set of policies can see at all. Only those are given to Cedar, and two questions that agree
// in them get the same decision, so that the answer may be remembered.
// Source: Cedar's JSON policy format, "expressions": every access to a variable is a "Var" node.

import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";

/** How much of one variable is read: its type is always known. */
export type Reading = {
  /** Compared or looked up in groups: id and parents count. */
  readonly identity: boolean;
  /** Names of attributes; "all" when it is read in a way that is not followed here. */
  readonly attributes: ReadonlySet<string> | "all";
};

export type Projection = {
  readonly principal: Reading;
  readonly resource: Reading;
  readonly context: Reading;
  readonly action: Reading;
};

type Variable = keyof Projection;
type Notes = Record<Variable, { identity: boolean; attributes: Set<string>; all: boolean }>;

export function projectionOf(policies: readonly PolicyJson[]): Projection {
  const notes: Notes = { principal: blank(), resource: blank(), context: blank(), action: blank() };
  for (const policy of policies) {
    noteScope(policy, notes);
    for (const clause of policy.conditions) walk(clause.body, notes);
  }
  const reading = (name: Variable): Reading => ({
    identity: notes[name].identity || notes[name].all,
    attributes: notes[name].all ? "all" : notes[name].attributes,
  });
  return {
    principal: reading("principal"),
    resource: reading("resource"),
    context: reading("context"),
    action: reading("action"),
  };
}

function noteScope(policy: PolicyJson, notes: Notes): void {
  for (const name of ["principal", "resource", "action"] as const) {
    const scope = policy[name];
    if (scope.op === "==" && name !== "action") notes[name].identity = true;
    if (scope.op === "in") notes[name].identity = true;
    if (scope.op === "is" && scope.in !== undefined) notes[name].identity = true;
  }
}

function walk(node: unknown, notes: Notes): void {
  if (Array.isArray(node)) for (const item of node) walk(item, notes);
  if (typeof node !== "object" || node === null || Array.isArray(node)) return;
  for (const [operator, operands] of Object.entries(node)) walkOperator(operator, operands, notes);
}

function walkOperator(operator: string, operands: unknown, notes: Notes): void {
  switch (operator) {
    case "Value": // a literal
      break;
    case "Var": // on its own: no way to tell what becomes of it
      if (isVariable(operands)) notes[operands].all = true;
      break;
    case ".":
    case "has":
      walkAccess(operands, notes);
      break;
    case "in":
    case "==":
    case "!=":
      walkComparison(operands, notes);
      break;
    case "is": // the type is always known; the group of `is T in G` is a look-up
      if (recordOf(operands)["in"] === undefined) walkType(operands, notes);
      else walkComparison(operands, notes);
      break;
    case "Record": // keys are names that the policy's author chose, not operators
      walk(Object.values(recordOf(operands)), notes);
      break;
    default:
      walkChildren(operands, notes);
  }
}

function walkAccess(operands: unknown, notes: Notes): void {
  const { left, attr } = recordOf(operands);
  const name = variableOf(left);
  const attribute = Array.isArray(attr) ? attr[0] : attr;
  if (name !== undefined && typeof attribute === "string") notes[name].attributes.add(attribute);
  else walk(left, notes);
}

function walkComparison(operands: unknown, notes: Notes): void {
  for (const side of Object.values(recordOf(operands))) {
    const name = variableOf(side);
    if (name === undefined) walk(side, notes);
    else if (name === "context") notes.context.all = true;
    else notes[name].identity = true;
  }
}

function walkType(operands: unknown, notes: Notes): void {
  const { left } = recordOf(operands);
  if (variableOf(left) === undefined) walk(left, notes);
}

/** The operands of any other operator: `{left, right}`, `{arg}` or a list. */
function walkChildren(operands: unknown, notes: Notes): void {
  if (Array.isArray(operands)) walk(operands, notes);
  else for (const child of Object.values(recordOf(operands))) walk(child, notes);
}

function variableOf(node: unknown): Variable | undefined {
  const name = recordOf(node)["Var"];
  return isVariable(name) ? name : undefined;
}

function isVariable(name: unknown): name is Variable {
  return name === "principal" || name === "resource" || name === "context" || name === "action";
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function blank(): Notes[Variable] {
  return { identity: false, attributes: new Set(), all: false };
}
