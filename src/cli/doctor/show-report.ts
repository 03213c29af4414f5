// The report on one screen: what is open first, then what is broken, then what is there.

import { printable } from "../../base/printable.ts";
import { formatTable, roomOf, type Terminal, wrapText } from "../terminal.ts";
import { type DoctorReport, type Door, type FoundHole, isOpenDoor, openHoles, type PluginState } from "./report.ts";

export function showReport(report: DoctorReport, terminal: Terminal): string {
  const { host } = report;
  return [
    `${terminal.style("bold", "plimsoll doctor")}  ${host.name}, Linux ${host.kernel}${host.isRoot ? "" : ", not root: some things are hidden"}\n`,
    section("Who is root through an engine today", terminal),
    report.doors.length === 0
      ? "  no engine listens on this host\n"
      : report.doors.map((door) => showDoor(door, terminal)).join(""),
    ...(report.holes.length === 0 ? [] : [section("Known holes", terminal), showHoles(report.holes, terminal)]),
    section("Who has to have signed images", terminal),
    showTrust(report, terminal),
    section("Kernel", terminal),
    showKernel(report, terminal),
    section("Plugins", terminal),
    showPlugins(report.plugins, terminal),
    ...(report.leftovers.length === 0 ? [] : [section("Left in the kernel by a watch that runs no more", terminal)]),
    ...report.leftovers.map((folder) => showLeftover(folder, terminal)),
    ...(report.unknown.length === 0 ? [] : [section("Could not be looked at", terminal)]),
    ...report.unknown.map((line) => `  ${terminal.style("yellow", "?")} ${printable(line)}\n`),
    `\n${summary(report, terminal)}\n`,
  ].join("");
}

function showDoor(door: Door, terminal: Terminal): string {
  const mark = door.isGuarded || !isOpenDoor(door) ? terminal.style("green", "✓") : terminal.style("red", "✗");
  const who = door.isGuarded
    ? ["guarded: callers are named, policies judge"]
    : [openTo(door), ...(door.containers.length === 0 ? [] : [`mounted into ${door.containers.join(", ")}`])];
  const head = [printable(door.address), door.access, door.engine].filter((text) => text !== "").join("  ");
  return `  ${mark} ${head}\n      ${printable(who.join("; "), 400)}\n`;
}

function openTo({ runsAs, users }: Door): string {
  const rightful = runsAs === "root" ? "root" : `root and ${runsAs}`;
  const asUser = runsAs === "root" ? "" : `, the engine runs as ${runsAs}`;
  return users.length === 0 ? `${rightful} only${asUser}` : `${rightful}, and ${users.join(", ")}${asUser}`;
}

function showHoles(holes: readonly FoundHole[], terminal: Terminal): string {
  return holes
    .map((hole) => {
      const mark = hole.closedBy === "" ? terminal.style("red", "✗") : terminal.style("yellow", "!");
      const remedy = hole.closedBy === "" ? "update it" : `behind plimsoll: ${hole.closedBy}`;
      const what = `${printable(hole.component)}: ${hole.summary}`;
      const head = formatTable([[`${mark} ${hole.id.padEnd(21)}`, what]], "  ", roomOf(terminal));
      return `${head}      ${terminal.style("dim", remedy)}\n`;
    })
    .join("");
}

function showTrust({ trust }: DoctorReport, terminal: Terminal): string {
  const marks = {
    good: terminal.style("green", "✓"),
    absent: terminal.style("dim", "-"),
    broken: terminal.style("red", "✗"),
  };
  return `  ${marks[trust.state]} ${hanging(printable(trust.detail, 400), terminal)}`;
}

function showKernel({ kernel }: DoctorReport, terminal: Terminal): string {
  const marks = {
    on: terminal.style("green", "✓"),
    off: terminal.style("dim", "-"),
    unknown: terminal.style("yellow", "?"),
  };
  return formatTable(
    kernel.map(({ name, state, detail }) => [`${marks[state]} ${name}`, terminal.style("dim", detail)]),
    "  ",
    roomOf(terminal),
  );
}

/** One line a kind, however many plugins it has; those that are off each say why. */
function showPlugins(plugins: readonly PluginState[], terminal: Terminal): string {
  const kinds = [...new Set(plugins.map(({ kind }) => kind))];
  const works = (kind: string): string => {
    const names = plugins.filter((plugin) => plugin.kind === kind && plugin.whyOff === "").map(({ name }) => name);
    return names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
  };
  const rows = kinds.map((kind) => [`${terminal.style("green", "✓")} ${kind}`, terminal.style("dim", works(kind))]);
  const off = plugins.filter((plugin) => plugin.whyOff !== "");
  const lines = off.map(({ kind, name, whyOff }) => `  ${terminal.style("dim", "-")} ${kind} ${name}: ${whyOff}\n`);
  return `${formatTable(rows, "  ", roomOf(terminal))}${lines.join("")}`;
}

function showLeftover(folder: string, terminal: Terminal): string {
  const what = `${printable(folder)}: still slows the host, and refuses what it was told to refuse`;
  return `  ${terminal.style("yellow", "!")} ${hanging(what, terminal)}      ${terminal.style("dim", `take it away: rm -r ${printable(folder)}`)}\n`;
}

function summary(report: DoctorReport, terminal: Terminal): string {
  const doors = report.doors.filter(isOpenDoor).length;
  const holes = openHoles(report).length;
  if (doors + holes === 0 && report.leftovers.length > 0) return "Nothing to do but to take away what is left.";
  if (doors + holes === 0) return terminal.style("green", "Nothing to do.");
  const found = [doors === 0 ? "" : count(doors, "open door"), holes === 0 ? "" : count(holes, "hole to patch")];
  const text = `${found.filter((part) => part !== "").join(", ")}.`;
  const next = `${text} Next: plimsoll up --detach (it only observes an engine that was there before).`;
  return wrapText(next, roomOf(terminal)).trimEnd().replace(text, terminal.style("bold", text));
}

/** Text behind a mark, on as many lines as it takes. */
function hanging(text: string, terminal: Terminal): string {
  return wrapText(text, roomOf(terminal), markIndent).trimStart();
}

const markIndent = "    ";

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what.replace(/^(\w+ door|hole)/, "$1s")}`;
}

function section(title: string, terminal: Terminal): string {
  return `\n${terminal.style("bold", title)}\n`;
}
