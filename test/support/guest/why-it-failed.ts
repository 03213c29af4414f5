// Why a test in the guest failed, the reason first: who reports tests may cut what is long.

import type { GuestResult } from "./guest.ts";

const longest = { reason: 3000, output: 1500, console: 1500 };
/** Source: Node's test runner, reporter `spec`: what failed stands at the end once more, with its reason. */
const heading = "failing tests:";

export function whyItFailed({ exitCode, output, console }: GuestResult): string {
  const [all = "", ...rest] = output.split(heading);
  const reason = rest.join(heading).trim();
  const parts = [
    exitCode === undefined ? "the guest ended, or its time was over, before the command" : "",
    reason.slice(0, longest.reason),
    reason === "" ? `the end of the output:\n${all.slice(-longest.output)}` : "",
    `the end of the guest's console:\n${console.slice(-longest.console)}`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}
