// One policy store for each different choice of sets: listeners that name the same sets share it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../base/errors.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import type { ListenerProfile } from "../gate/call.ts";
import type { PolicyEngine } from "../policy/policy-engine.ts";
import { policyFiles } from "../policy/policy-files.ts";
import { createPolicyStore, type PolicyStore } from "../policy/policy-store.ts";

export interface Policies {
  of(profile: ListenerProfile): PolicyEngine;
  /** Of the listener with this name; undefined when there is none. */
  named(listener: string): PolicyEngine | undefined;
  /** Rises when any set was replaced. */
  generation(): number;
  /** @throws PlimsollError POLICY_INVALID; the last good sets stay in force */
  reload(): Promise<void>;
  close(): void;
}

/** The sets that ship, beside the sources and beside the built program alike. */
export const policyFolder = join(import.meta.dirname, "..", "..", "policies");

/** @throws PlimsollError POLICY_INVALID */
export async function openPolicies(configuration: Configuration, notice: (text: string) => void): Promise<Policies> {
  const schemaText = readFileSync(join(policyFolder, "plimsoll.cedarschema"), "utf8");
  const stores = new Map<string, PolicyStore>();
  const mistakes: string[] = [];
  for (const { policies } of configuration.listeners) {
    const key = keyOf(policies);
    if (stores.has(key)) continue;
    const store = await createPolicyStore({
      files: policyFiles(policies, policyFolder),
      schemaText,
      onReload: (engine) => notice(`policies ${policies.join(", ")} were read again (generation ${engine.generation})`),
      onMistake(message) {
        mistakes.push(message);
        notice(`policies ${policies.join(", ")} have a mistake, the last good ones stay in force: ${message}`);
      },
    });
    stores.set(key, store);
  }
  const storeOf = new Map(configuration.listeners.map(({ policies }) => [policies, stores.get(keyOf(policies))]));
  return {
    of(profile) {
      const store = storeOf.get(profile.policies) ?? stores.get(keyOf(profile.policies));
      if (store !== undefined) return store.current();
      throw new PlimsollError("POLICY_INVALID", `listener ${profile.name}: its policies were not loaded`, {
        hint: "report it",
      });
    },
    named(listener) {
      const found = configuration.listeners.find(({ name }) => name === listener);
      return found && stores.get(keyOf(found.policies))?.current();
    },
    generation: () =>
      [...stores.values()].reduce((sum, store) => sum + store.current().generation, 0) - stores.size + 1,
    async reload() {
      mistakes.length = 0;
      await Promise.all([...stores.values()].map((store) => store.reload()));
      const [first] = mistakes;
      if (first !== undefined) throw new PlimsollError("POLICY_INVALID", first, { hint: "run plimsoll policy check" });
    },
    close() {
      for (const store of stores.values()) store.close();
    },
  };
}

function keyOf(policies: readonly string[]): string {
  return JSON.stringify(policies);
}
