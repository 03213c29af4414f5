// Options that a container gives to its place in a network. Engines from 27 set kernel settings with them, so every option
// counts as one. Source: docker/docs, "Networking overview", com.docker.network.endpoint.sysctls.

import { fieldsAt, textMapAt } from "../../base/reading.ts";
import type { JsonObject } from "../../model/json.ts";

const sysctlsOption = "com.docker.network.endpoint.sysctls";

/** `key=value` for each setting, and for each option that is none. @param body of container.create */
export function endpointOptions(body: JsonObject): readonly string[] {
  const endpoints = Object.values(fieldsAt(body, "NetworkingConfig", "EndpointsConfig"));
  return endpoints.flatMap((endpoint) => optionsOf(endpoint));
}

function optionsOf(endpoint: unknown): readonly string[] {
  return Object.entries(textMapAt(endpoint, "DriverOpts")).flatMap(([name, value]) =>
    name === sysctlsOption ? value.split(",").map((setting) => setting.trim()) : [`${name}=${value}`],
  );
}
