// The kinds of events for which a condition may hold at all: what it says of event.kind is worked out, the rest may be so
// or so.

import type { KernelEventKind } from "../../model/watch.ts";
import { eventKinds, isEventKind } from "./event-kinds.ts";
import type { BooleanExpression } from "./expression.ts";

export function kindsOf(condition: BooleanExpression): readonly KernelEventKind[] {
  return Object.keys(eventKinds)
    .filter(isEventKind)
    .filter((kind) => decide(condition, kind) !== false);
}

/** @returns undefined when it depends on more than the kind */
function decide(condition: BooleanExpression, kind: KernelEventKind): boolean | undefined {
  switch (condition.kind) {
    case "boolean":
      return condition.value;
    case "not": {
      const operand = decide(condition.operand, kind);
      return operand === undefined ? undefined : !operand;
    }
    case "and": {
      const left = decide(condition.left, kind);
      const right = decide(condition.right, kind);
      if (left === false || right === false) return false;
      return left === true && right === true ? true : undefined;
    }
    case "or": {
      const left = decide(condition.left, kind);
      const right = decide(condition.right, kind);
      if (left === true || right === true) return true;
      return left === false && right === false ? false : undefined;
    }
    case "compare-texts":
      return compareKind(condition, kind);
    case "text-in": {
      const { item, list } = condition;
      const isKind = item.kind === "text-field" && item.field === "event.kind" && list.kind === "texts";
      return isKind ? list.values.includes(kind) : undefined;
    }
    default:
      return undefined;
  }
}

function compareKind(
  { operator, left, right }: Extract<BooleanExpression, { kind: "compare-texts" }>,
  kind: KernelEventKind,
): boolean | undefined {
  const isKind = left.kind === "text-field" && left.field === "event.kind" && right.kind === "text";
  if (!isKind || (operator !== "==" && operator !== "!=")) return undefined;
  return (right.value === kind) === (operator === "==");
}
