// Freezes the container, takes it off its networks, and keeps what is known of it as an archive. It stays as it is until
// somebody looks: nothing is removed.

import { errorText } from "../../base/errors.ts";
import { disconnectNetworks } from "../disconnect.ts";
import { keepEvidence } from "../evidence/keep-evidence.ts";
import { freezeContainer } from "../freezer.ts";
import { containerOf, type Response } from "../response.ts";

export const quarantine: Response = {
  name: "quarantine",
  summary: "freezes the container, takes it off its networks, and keeps evidence",
  needs: { root: true, platforms: ["linux"] },
  async act(target, tools) {
    const place = containerOf(target);
    await freezeContainer(place);
    // Each step counts by itself: a full disk must not leave it in its networks.
    const steps = await Promise.allSettled([
      disconnectNetworks(place.id, tools.engine).then((networks) => `off ${networks.join(", ") || "no network"}`),
      keepEvidence(target.alert, place, tools).then((file) => `evidence in ${file}`),
    ]);
    return ["froze the container", ...steps.map(outcome)].join(", ");
  },
};

function outcome(step: PromiseSettledResult<string>): string {
  return step.status === "fulfilled" ? step.value : `failed: ${errorText(step.reason)}`;
}
