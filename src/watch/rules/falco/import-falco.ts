// A file of Falco's rules -> a file of ours. Source: falco.org/docs/reference/rules/rule-fields, .../overriding.

import { errorText } from "../../../base/errors.ts";
import { fieldAt, isFields, textAt, textsAt } from "../../../base/reading.ts";
import { eventKinds } from "../event-kinds.ts";
import { isFieldName } from "../fields.ts";
import { kindsOf } from "../kinds-of.ts";
import { createConditionReader } from "../read-condition.ts";
import { numberFields, textFields } from "./falco-fields.ts";
import { parseFalcoCondition } from "./parse-condition.ts";
import { type FalcoNames, toCel } from "./to-cel.ts";

export type ImportedRule = {
  readonly name: string;
  readonly summary: string;
  readonly protection: string;
  readonly severity: string;
  readonly on: readonly string[];
  readonly when: string;
  readonly message: string;
  readonly techniques: readonly string[];
  readonly enabled: boolean;
};

export type FalcoImport = {
  readonly rules: readonly ImportedRule[];
  /** `RULE: why`, for each that could not be expressed. */
  readonly refused: readonly string[];
};

type Entry = Record<string, unknown>;

/**
 * @param values the items of the file, as YAML gives them
 * @param lines where each of them stands; without it, refusals name no line
 * @throws Error when it is no file of Falco's
 */
export function importFalco(values: unknown, lines: readonly number[] = []): FalcoImport {
  if (!Array.isArray(values)) throw new Error("expected a list of rules, macros and lists, as Falco has it");
  const entries = values.filter(isFields).map((entry): Entry => ({ ...entry }));
  const lists = readLists(merged(entries, "list"));
  const macros = merged(entries, "macro");
  const names = namesOf(lists, macros);
  const rules: ImportedRule[] = [];
  const refused: string[] = [];
  for (const [name, entry] of merged(entries, "rule")) {
    try {
      rules.push(toRule(name, entry, names));
    } catch (thrown) {
      refused.push(`${placeOf(name, values, lines)}${name}: ${errorText(thrown)}`);
    }
  }
  return { rules, refused };
}

/** Where the rule got its condition. */
function placeOf(name: string, values: readonly unknown[], lines: readonly number[]): string {
  const at = values.findLastIndex((entry) => textAt(entry, "rule") === name && textAt(entry, "condition") !== "");
  const line = lines[at];
  return line === undefined ? "" : `line ${line}: `;
}

/** Later entries replace earlier ones; with `append` or `override: {x: append}` they add to them. */
function merged(entries: readonly Entry[], kind: "list" | "macro" | "rule"): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const entry of entries) {
    const name = textAt(entry, kind);
    if (name === "") continue;
    const earlier = found.get(name);
    const isAppend = fieldAt(entry, "append") === true;
    const override = fieldAt(entry, "override");
    const isPartial = earlier !== undefined && (isAppend || override !== undefined || isSwitch(entry, kind));
    found.set(name, isPartial ? addTo(earlier, entry, isAppend) : entry);
  }
  return found;
}

/** `{rule: NAME, enabled: false}` only switches. */
function isSwitch(entry: Entry, kind: string): boolean {
  return Object.keys(entry).every((key) => key === kind || key === "enabled");
}

function addTo(earlier: Entry, entry: Entry, isAppend: boolean): Entry {
  const result = { ...earlier };
  for (const [key, value] of Object.entries(entry)) {
    if (key === "append" || key === "override") continue;
    const isAdded = isAppend || textAt(entry, "override", key) === "append";
    const before = result[key];
    if (isAdded && key === "condition") result[key] = `${String(before)} ${String(value)}`;
    else if (isAdded && Array.isArray(before) && Array.isArray(value)) result[key] = [...before, ...value];
    else result[key] = value;
  }
  return result;
}

function readLists(entries: ReadonlyMap<string, Entry>): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>();
  const open = new Set<string>();
  const read = (name: string): readonly string[] => {
    const known = lists.get(name);
    if (known !== undefined) return known;
    if (open.has(name)) throw new Error(`the list ${name} stands within itself`);
    open.add(name);
    const items: unknown = fieldAt(entries.get(name), "items");
    const texts = (Array.isArray(items) ? items : []).map((item: unknown) => String(item).replace(/^"(.*)"$/, "$1"));
    const resolved = texts.flatMap((item) => (entries.has(item) ? read(item) : [item]));
    open.delete(name);
    lists.set(name, resolved);
    return resolved;
  };
  for (const name of entries.keys()) read(name);
  return lists;
}

function namesOf(lists: FalcoNames["lists"], macros: ReadonlyMap<string, Entry>): FalcoNames {
  const made = new Map<string, string>();
  const open = new Set<string>();
  const names: FalcoNames = {
    lists,
    macro(name) {
      const known = made.get(name);
      if (known !== undefined) return known;
      const entry = macros.get(name);
      if (entry === undefined) throw new Error(`there is no macro ${name}`);
      if (open.has(name)) throw new Error(`the macro ${name} stands within itself`);
      open.add(name);
      try {
        const cel = toCel(parseFalcoCondition(textAt(entry, "condition")), names);
        made.set(name, cel);
        return cel;
      } catch (cause) {
        throw new Error(`macro ${name}: ${errorText(cause).replace(/^macro \S+: /, "")}`, { cause });
      } finally {
        open.delete(name);
      }
    },
  };
  return names;
}

function toRule(name: string, entry: Entry, names: FalcoNames): ImportedRule {
  const source = textAt(entry, "source");
  if (source !== "" && source !== "syscall") throw new Error(`its events come from ${source}`);
  const base = toCel(parseFalcoCondition(textAt(entry, "condition")), names);
  const exceptions = exceptionsOf(entry, names).map((exception) => ` && !(${exception})`);
  const when = `${base}${exceptions.join("")}`;
  const tags = textsAt(entry, "tags");
  return {
    // So that none takes the name of one that ships.
    name: `falco-${kebab(name)}`,
    summary: textAt(entry, "desc").replaceAll(/\s+/g, " ").trim().slice(0, 200) || name,
    protection: protectionOf(tags),
    severity: severityOf(textAt(entry, "priority")),
    on: kindsIn(when),
    when,
    message: messageOf(textAt(entry, "output")),
    techniques: tags.filter((tag) => /^T\d{4}(?:\.\d{3})?$/.test(tag)),
    enabled: fieldAt(entry, "enabled") !== false,
  };
}

/** The kinds of which the condition may hold at all. */
function kindsIn(when: string): readonly string[] {
  const kinds = kindsOf(createConditionReader({ lists: new Map(), macros: new Map() }).read(when));
  if (kinds.length === 0) throw new Error("it can never hold for what is seen here");
  if (kinds.length === Object.keys(eventKinds).length) throw new Error("it names no kind of event");
  return kinds;
}

/** Source: falco.org/docs/concepts/rules/exceptions: `values` of `fields` by `comps`, = where none is given. */
function exceptionsOf(entry: Entry, names: FalcoNames): readonly string[] {
  const found: unknown = fieldAt(entry, "exceptions");
  return (Array.isArray(found) ? found : []).flatMap((exception: unknown) => {
    const values: unknown = fieldAt(exception, "values");
    const fields = listOf(fieldAt(exception, "fields")).map(String);
    const comps = listOf(fieldAt(exception, "comps")).map(String);
    return (Array.isArray(values) ? values : []).map((row: unknown) => {
      const columns = Array.isArray(fieldAt(exception, "fields")) ? listOf(row) : [row];
      if (columns.length !== fields.length) {
        throw new Error(`exception ${textAt(exception, "name")}: ${columns.length} values for ${fields.length} fields`);
      }
      const tests = fields.map((field, index) => {
        const column: unknown = columns[index];
        const operator = comps[index] ?? (Array.isArray(column) ? "in" : "=");
        const texts = listOf(column).map((value) => String(value).replace(/^\((.*)\)$/, "$1"));
        return toCel({ kind: "test", field, operator, values: texts, isList: operator !== "=" }, names);
      });
      return tests.join(" && ");
    });
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function kebab(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "rule"
  );
}

function severityOf(priority: string): string {
  if (/^(?:emergency|alert|critical)$/i.test(priority)) return "critical";
  return /^(?:error|warning)$/i.test(priority) ? "warning" : "notice";
}

function protectionOf(tags: readonly string[]): string {
  const has = (...wanted: readonly string[]): boolean => wanted.some((tag) => tags.includes(tag));
  if (has("container_drift", "mitre_persistence", "mitre_defense_evasion")) return "drift";
  if (has("mitre_privilege_escalation")) return "escape";
  return has("network") ? "network" : "mining";
}

/** `user=%user.name` of a field that is not known here is left out. */
function messageOf(output: string): string {
  const clean = output.replaceAll(/[{}]/g, " ").replaceAll(/\s+/g, " ").trim();
  const filled = clean.replaceAll(/(?:[\w.]+=)?%([a-z][\w.]*(?:\[\d+\])?)/g, (whole, field: string) => {
    const ours = textFields[field] ?? numberFields[field];
    if (ours === undefined || !isFieldName(ours)) return "";
    return whole.replace(`%${field}`, `{${ours}}`);
  });
  return filled.replaceAll(/\s+/g, " ").trim() || "{process.command}";
}
