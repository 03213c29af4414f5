// An explanation as text: the verdict first, then who had a say, and on request who had none.

import { printable } from "../../base/printable.ts";
import type { Question, RuleRef } from "../../model/decision.ts";
import type { Explanation } from "../../policy/explain.ts";
import { formatTable, roomOf, type Terminal } from "../terminal.ts";

const silent: readonly string[] = [
  "does not apply",
  "nothing to object to",
  "head did not match",
  "conditions did not hold",
];

export function showExplanation(
  { principal, action, resource }: Question,
  { decision, grants, policies, invariants }: Explanation,
  { terminal, isWhole }: { readonly terminal: Terminal; readonly isWhole: boolean },
): void {
  const word = terminal.style(decision.verdict === "allow" ? "green" : "red", decision.verdict);
  const held = grants.map(({ grant, rules }) => `${grant} (${rules.join(", ")})`).join(", ");
  const objectName = resource.name === "" ? "" : ` on ${printable(resource.name)}`;
  terminal.write(`${word}  ${action}${objectName} by ${printable(principal.id)}\n`);
  terminal.write(
    formatTable(
      [
        ["reason", printable(decision.reason)],
        ...(decision.remedy === "" ? [] : [["remedy", printable(decision.remedy)]]),
        ["grants", held === "" ? "none" : held],
      ],
      "  ",
      roomOf(terminal),
    ),
  );
  const rows = [
    ...policies.map(({ rule, effect, status, error }) => [status, effect, rule.id, place(rule), printable(error)]),
    ...invariants.map(({ name, status }) => [status, "invariant", `invariant/${name}`, "", ""]),
  ].filter(([status = ""]) => isWhole || !silent.includes(status));
  terminal.write(formatTable(rows, "  "));
}

function place({ file, line }: RuleRef): string {
  return file === "" ? "" : `${printable(file)}:${line}`;
}
