// One incident for people: who, the process tree with what each of it did, and the alerts in the order in which they came.

import { printable } from "../../base/printable.ts";
import type { Alert } from "../../model/watch.ts";
import { formatTable, type Terminal } from "../terminal.ts";

type TreeNode = {
  readonly pid: number;
  readonly label: string;
  readonly children: TreeNode[];
  readonly alerts: Alert[];
};

export function formatIncident(alerts: readonly Alert[], terminal: Terminal): string {
  const [first] = alerts;
  const last = alerts.at(-1);
  if (first === undefined || last === undefined) return "";
  const { container } = first;
  const rows = [
    ["incident", first.incident],
    ["container", container === undefined ? "(host)" : `${container.name} ${container.id.slice(0, 12)}`],
    ...(container === undefined ? [] : [["image", `${container.image} ${container.imageId}`]]),
    ...(container?.owner ? [["owner", container.owner]] : []),
    ["from", first.time],
    ["to", last.time],
    ["alerts", String(alerts.length)],
  ];
  const done = alerts.flatMap(({ responses }) => responses);
  return [
    formatTable(rows.map(([name = "", value = ""]) => [terminal.style("dim", name), printable(value, 300)])),
    `\n${terminal.style("bold", "processes")}\n`,
    ...drawTree(buildTree(alerts), terminal),
    `\n${terminal.style("bold", "timeline")}\n`,
    formatTable(
      alerts.map((alert) => timelineRow(alert, terminal)),
      "  ",
    ),
    ...(done.length === 0 ? [] : [`\n${terminal.style("bold", "done")}\n`]),
    ...done.map((line) => `  ${printable(line, 400)}\n`),
  ].join("");
}

function timelineRow(alert: Alert, terminal: Terminal): readonly string[] {
  return [
    terminal.style("dim", printable(alert.time.slice(11, 23), 12)),
    String(alert.event.process.pid),
    terminal.style(alert.outcome === "detected" ? "yellow" : "red", alert.outcome),
    printable(alert.rule, 60),
    printable(alert.message, 300),
  ];
}

/** Chains of ancestors, laid over one another: the same pid with the same parents is the same process. */
function buildTree(alerts: readonly Alert[]): readonly TreeNode[] {
  const roots: TreeNode[] = [];
  for (const alert of alerts) {
    let level = roots;
    let at: TreeNode | undefined;
    for (const { pid, path, argv } of [...alert.ancestors].reverse()) {
      const label = printable(argv.join(" ") || path, 100);
      at = level.find((node) => node.pid === pid && node.label === label);
      if (at === undefined) {
        at = { pid, label, children: [], alerts: [] };
        level.push(at);
      }
      level = at.children;
    }
    at?.alerts.push(alert);
  }
  return roots;
}

function drawTree(nodes: readonly TreeNode[], terminal: Terminal, indent = "  "): readonly string[] {
  return nodes.flatMap(({ pid, label, children, alerts }, index) => {
    const isLast = index === nodes.length - 1;
    const rules = [...new Set(alerts.map(({ rule }) => printable(rule, 60)))].join(", ");
    const mark = rules === "" ? "" : `  ${terminal.style("yellow", `<- ${rules}`)}`;
    return [
      `${indent}${isLast ? "└─" : "├─"} ${label} ${terminal.style("dim", String(pid))}${mark}\n`,
      ...drawTree(children, terminal, `${indent}${isLast ? "   " : "│  "}`),
    ];
  });
}
