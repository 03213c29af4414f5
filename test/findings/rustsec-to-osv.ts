// One of RustSec's advisories (TOML in Markdown) as their export to OSV has it: what is affected is all that is neither
// patched nor never affected. Source: rustsec/advisory-db, "Advisory format"; rustsec crate, module osv.

type Interval = { readonly from: string; readonly to: string };

export function rustsecToOsv(markdown: string): object {
  const toml = /```toml\n([\s\S]*?)```/.exec(markdown)?.[1] ?? "";
  const text = (key: string): string => new RegExp(`^${key} *= *"([^"]*)"`, "m").exec(toml)?.[1] ?? "";
  const list = (key: string): readonly string[] =>
    (new RegExp(`^${key} *= *\\[([\\s\\S]*?)\\]`, "m").exec(toml)?.[1] ?? "")
      .match(/"[^"]*"/g)
      ?.map((item) => item.slice(1, -1)) ?? [];
  const safe = [...list("patched"), ...list("unaffected")]
    .map(toInterval)
    .sort((left, right) => order(left.from, right.from));
  const informational = text("informational");
  return {
    id: text("id"),
    aliases: list("aliases"),
    ...(text("withdrawn") === "" ? {} : { withdrawn: text("withdrawn") }),
    summary: /^# (.*)$/m.exec(markdown)?.[1] ?? "",
    published: text("date"),
    severity: text("cvss") === "" ? [] : [{ type: "CVSS_V3", score: text("cvss") }],
    affected: [
      {
        package: { ecosystem: "crates.io", name: text("package") },
        ranges: [{ type: "SEMVER", events: affectedEvents(safe) }],
        ...(informational === "" ? {} : { database_specific: { informational } }),
      },
    ],
  };
}

/** The gaps between what is safe. */
function affectedEvents(safe: readonly Interval[]): readonly object[] {
  const events: object[] = [];
  let at = "0.0.0-0";
  for (const { from, to } of safe) {
    if (order(from, at) > 0) events.push({ introduced: at }, { fixed: from });
    if (to === "") return events;
    if (order(to, at) > 0) at = to;
  }
  return [...events, { introduced: at }];
}

/** `>= 1.2, < 1.4` is safe from 1.2 to 1.4; "" is no end. */
function toInterval(requirement: string): Interval {
  let [from, to] = ["0.0.0-0", ""];
  for (const part of requirement.split(",")) {
    const [, operator = "", version = ""] = /^\s*(>=|<=|>|<|=|\^|~)?\s*([\w.+-]+)\s*$/.exec(part) ?? [];
    const full = padded(version);
    if (operator === ">=") from = full;
    else if (operator === ">") from = next(full);
    else if (operator === "<") to = full;
    else if (operator === "<=") to = next(full);
    else if (operator === "=") [from, to] = [full, next(full)];
    else [from, to] = [full, caretEnd(full, operator === "~")];
  }
  return { from, to };
}

function padded(version: string): string {
  const [numbers = "", ...rest] = version.split(/(?=[-+])/);
  return [...numbers.split("."), "0", "0"].slice(0, 3).join(".") + rest.join("");
}

function next(version: string): string {
  const [major, minor, patch] = numbersOf(version);
  return `${major}.${minor}.${patch + 1}-0`;
}

function caretEnd(version: string, isTilde: boolean): string {
  const [major, minor, patch] = numbersOf(version);
  if (isTilde) return `${major}.${minor + 1}.0`;
  if (major > 0) return `${major + 1}.0.0`;
  return minor > 0 ? `0.${minor + 1}.0` : `0.0.${patch + 1}`;
}

function numbersOf(version: string): readonly [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = (version.split(/[-+]/, 1)[0] ?? "").split(".").map(Number);
  return [major, minor, patch];
}

/** Good enough for bounds: numbers, then a pre-release before none. */
function order(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || Number(!left.includes("-")) - Number(!right.includes("-"));
}
