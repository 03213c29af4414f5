// BuildKit's two connections carry its own protocol: mounts, host network and secrets that the gate cannot see.

import { factFlag, type Invariant } from "../invariant.ts";

export const buildkit: Invariant = {
  name: "buildkit",
  summary: "builds with BuildKit",
  grants: ["build.unrestricted"],
  applies: ({ action }) => action === "system.session" || action === "system.grpc" || action === "image.build",
  check(question) {
    if (question.action === "image.build" && !factFlag(question, "buildKit")) return undefined;
    return {
      reason: "a BuildKit build runs steps that the gate cannot see",
      remedy: "set DOCKER_BUILDKIT=0 to build with the classic builder",
    };
  },
};
