// What a field of rules is: its type, its meaning and where it comes from.

import type { Subject } from "./subject.ts";

type FieldOf<Type extends string, Value> = {
  readonly type: Type;
  /** For the manual. */
  readonly meaning: string;
  readonly read: (subject: Subject) => Value;
};
export type Field =
  | FieldOf<"string", string>
  | FieldOf<"int", number>
  | FieldOf<"bool", boolean>
  | FieldOf<"list<string>", readonly string[]>;

export const text = (meaning: string, read: (subject: Subject) => string): Field => ({ type: "string", meaning, read });
export const number = (meaning: string, read: (subject: Subject) => number): Field => ({ type: "int", meaning, read });
export const flag = (meaning: string, read: (subject: Subject) => boolean): Field => ({ type: "bool", meaning, read });
export const list = (meaning: string, read: (subject: Subject) => readonly string[]): Field => ({
  type: "list<string>",
  meaning,
  read,
});

/** Of the event's details; "" when they do not have it. */
export function textOf({ event }: Subject, name: string): string {
  const value = Object.hasOwn(event.details, name) ? event.details[name] : undefined;
  return typeof value === "string" ? value : "";
}

export function numberOf({ event }: Subject, name: string): number {
  const value = Object.hasOwn(event.details, name) ? event.details[name] : undefined;
  return typeof value === "number" ? value : 0;
}
