// A security option that this version does not know may switch off what protects the host.

import { factSet, factText, type Invariant, listed } from "../invariant.ts";

const known: Readonly<Record<string, readonly string[]>> = {
  seccomp: ["default", "unconfined", "custom"],
  apparmor: ["default", "unconfined", "custom"],
  selinux: ["default", "disabled", "custom"],
};

export const unknownSecurityOption: Invariant = {
  name: "unknown-security-option",
  summary: "security options that Plimsoll does not know",
  grants: ["container.security-options"],
  applies: ({ action }) => action === "container.create" || action === "container.update",
  check(question) {
    const strange = Object.entries(known)
      .filter(([fact, values]) => !values.includes(factText(question, fact)))
      .map(([fact]) => fact);
    const options = [...strange, ...factSet(question, "otherSecurityOptions")];
    if (options.length === 0) return undefined;
    return {
      reason: `the call sets a security option that Plimsoll does not know: ${listed(options)}`,
      remedy: "remove that --security-opt",
    };
  },
};
