// How closely the watch looks at a new container: Cedar is asked, for each protection, which level it may go without more
// than. Levels are asked from `off` upwards and the first that nobody forbids holds, so the strictest rule wins; a rule that
// cannot be evaluated forbids too. Permits say nothing here: a set without a rule on container.watch has everything told.

import type { Question } from "../model/decision.ts";
import type { WatchFacts } from "../model/facts.ts";
import type { Principal } from "../model/principal.ts";
import {
  type ContainerProtection,
  type NetworkPermit,
  type Protection,
  type ProtectionLevel,
  protections,
} from "../model/watch.ts";
import { asksAbout } from "./asks-about.ts";
import { readPermits } from "./network-permits.ts";
import type { PolicyEngine } from "./policy-engine.ts";

export type ChosenProtection = {
  readonly protection: ContainerProtection;
  /** The rules that raised a level, sorted. */
  readonly rules: readonly string[];
};

export type AskedProtection = {
  readonly principal: Principal;
  readonly name: string;
  readonly facts: Omit<WatchFacts, "protection" | "level">;
  /** Of the host, that no container may write below where host-paths counts. */
  readonly protectedPaths: readonly string[];
};

const levels: readonly ProtectionLevel[] = ["off", "detect", "block"];

export function chooseProtection(policies: PolicyEngine, asked: AskedProtection): ChosenProtection {
  const raising = new Set<string>();
  const isAsked = asksAbout(policies, "container.watch");
  const levelOf = (protection: Protection): ProtectionLevel => {
    if (!isAsked) return "detect";
    for (const level of levels) {
      const against = objections(policies, watchQuestion(asked, protection, level));
      if (against.length === 0) return level;
      for (const rule of against) raising.add(rule);
    }
    return "block";
  };
  const chosen = Object.fromEntries(protections.map((protection) => [protection, levelOf(protection)]));
  const notes = (name: string): readonly string[] =>
    policies.rules.filter((rule) => raising.has(rule.id)).flatMap((rule) => rule.json.annotations?.[name] ?? []);
  return {
    protection: {
      levels: { ...allDetect, ...chosen },
      connect: permitsOf(notes("connect")),
      bind: permitsOf(notes("bind")),
      protectedPaths: [...new Set([...asked.protectedPaths, ...notes("paths").flatMap(words)])],
    },
    rules: [...raising].sort(),
  };
}

export function watchQuestion(asked: AskedProtection, protection: Protection, level: ProtectionLevel): Question {
  const { principal, name, facts } = asked;
  return {
    principal,
    action: "container.watch",
    resource: { type: "Container", id: "", name, owner: principal.owner, isShared: false },
    context: { ...facts, protection, level },
  };
}

const allDetect: ContainerProtection["levels"] = {
  ...{ drift: "detect", memory: "detect", escape: "detect", "host-paths": "detect" },
  ...{ network: "detect", malware: "detect", mining: "detect" },
};

/** Rules that forbid the level. That nobody permits it is no objection. */
function objections(policies: PolicyEngine, question: Question): readonly string[] {
  const { verdict, rules } = policies.decide(question);
  if (verdict === "allow") return [];
  return rules.map(({ id }) => id).filter((id) => id !== "default-deny");
}

/** What several rules list is what stands in all of their lists. */
function permitsOf(lists: readonly string[]): readonly NetworkPermit[] | undefined {
  const [first, ...others] = lists.map((list) => readPermits(words(list)));
  if (first === undefined) return undefined;
  return others.reduce<readonly NetworkPermit[]>(
    (left, right) => left.flatMap((one) => right.flatMap((other) => narrower(one, other) ?? [])),
    first,
  );
}

function narrower(one: NetworkPermit, other: NetworkPermit): NetworkPermit | undefined {
  const to = covers(one.to, other.to) ? other.to : covers(other.to, one.to) ? one.to : undefined;
  const isPort = one.port === 0 || other.port === 0 || one.port === other.port;
  return to === undefined || !isPort ? undefined : { to, port: one.port || other.port };
}

/** `*.debian.org` covers `deb.debian.org`; nets cover nets only where they are the same, or everything. */
function covers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  if (wide.startsWith("*.")) return narrow.endsWith(wide.slice(1)) && narrow.length > wide.length - 1;
  if (wide === "0.0.0.0/0") return /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(narrow);
  return wide === "::/0" && narrow.includes(":");
}

function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
