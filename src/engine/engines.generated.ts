// Every plugin in engines/. Written by `npm run plugins`; do not edit.

import type { EngineKind } from "./engine.ts";
import { docker } from "./engines/docker.ts";
import { podman } from "./engines/podman.ts";

export const engines: readonly EngineKind[] = [docker, podman];
