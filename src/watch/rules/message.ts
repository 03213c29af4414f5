// Messages of alerts: `{process.command} opened {file.path}`. What is filled in was chosen by whoever is being watched, so
// it is cut, and whatever would break or colour a line is written as its code point.

import { printable } from "../../base/printable.ts";
import { type FieldName, fieldOf, isFieldName } from "./fields.ts";
import type { Subject } from "./subject.ts";

export type Message = (subject: Subject) => string;

/** Characters of one value, and of the whole. */
const maxValue = 200;
const maxMessage = 1000;

/** @throws Error naming what is not known */
export function compileMessage(template: string): Message {
  const parts = template.split(/\{([^{}]*)\}/).map((part, index) => (index % 2 === 0 ? part : fieldNamed(part)));
  if (/[{}]/.test(parts.filter((_, index) => index % 2 === 0).join(""))) throw new Error("a brace without its partner");
  return (subject) =>
    printable(parts.map((part, index) => (index % 2 === 0 ? part : shown(part, subject))).join(""), maxMessage);
}

function fieldNamed(name: string): FieldName {
  if (isFieldName(name)) return name;
  throw new Error(`there is no field ${JSON.stringify(name)}`);
}

function shown(part: string, subject: Subject): string {
  if (!isFieldName(part)) return "";
  const value = fieldOf(part).read(subject);
  const text = typeof value === "object" ? value.join(" ") : String(value);
  return text === "" ? "-" : printable(text, maxValue);
}
