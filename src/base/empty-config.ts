// The config of an image that asks for nothing: of a folder, and of a Dockerfile's instruction looked at alone.

import type { ImageConfig, Platform } from "../model/image.ts";

export function emptyConfig(platform: Platform): ImageConfig {
  return {
    platform,
    created: "",
    user: "",
    env: [],
    entrypoint: [],
    command: [],
    workingDirectory: "",
    labels: {},
    exposedPorts: [],
    volumes: [],
    onBuild: [],
    stopSignal: "",
    healthcheck: [],
    healthcheckInterval: 0,
    diffIds: [],
    history: [],
  };
}
