// `plimsoll trust policy import FILE`: the rules of podman, skopeo or notation as a trust file.

import type { ExitCode, LeafCommand } from "../command.ts";

export const trustPolicy: LeafCommand = {
  name: "policy",
  summary: "print the rules of containers policy.json or notation trustpolicy.json as a trust file",
  description: [
    "Nothing is changed: the trust file is printed. A rule that has no equal is named and refused, so that the result never lets more pass than the original.",
  ],
  arguments: [{ name: "ACTION", choices: ["import"] }, { name: "FILE" }],
  examples: [{ line: "plimsoll trust policy import /etc/containers/policy.json > trust.yaml", does: "from podman's" }],
  async run(context, input): Promise<ExitCode> {
    const { readText } = await import("./trust-room.ts");
    const { importContainersPolicy } = await import("../../trust/import-containers-policy.ts");
    const { importNotationPolicy } = await import("../../trust/import-notation-policy.ts");
    const bytes = new TextEncoder().encode(readText(input.positionals[1] ?? ""));
    const isNotation = /"trustPolicies"/.test(new TextDecoder().decode(bytes));
    context.stdout.write(isNotation ? importNotationPolicy(bytes) : importContainersPolicy(bytes));
    return 0;
  },
};
