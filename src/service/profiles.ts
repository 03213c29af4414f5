// A listener as the operator configured it -> what the gate opens and what its pipeline is told.

import { readFileSync } from "node:fs";
import { errorText, PlimsollError } from "../base/errors.ts";
import type { Configuration, ListenerConfiguration } from "../cli/configuration/configuration.ts";
import type { ListenerProfile } from "../gate/call.ts";
import type { ListenerOptions } from "../gate/listener.ts";

/** @param isManaged decides what `mode: auto` means: an engine that was there before is only observed */
export function toProfile(listener: ListenerConfiguration, isManaged: boolean): ListenerProfile {
  return {
    name: listener.name,
    transport: listener.endpoint.transport,
    mode: listener.mode === "auto" ? (isManaged ? "enforce" : "observe") : listener.mode,
    unknownFields: listener.unknownFields,
    policies: listener.policies,
    identity: listener.identity,
    ...(listener.owner === undefined ? {} : { owner: listener.owner }),
  };
}

/** @param inherited sockets from systemd, by name */
export function toListenerOptions(
  listener: ListenerConfiguration,
  configuration: Configuration,
  engineSocket: string,
  inherited: ReadonlyMap<string, number>,
): ListenerOptions {
  const common = { engineSocket, maxConnections: configuration.limits.connections };
  const { endpoint } = listener;
  const fd = inherited.get(listener.fdName);
  if (endpoint.transport !== "tls") {
    if (fd !== undefined) return { ...common, fd };
    const gid = endpoint.gid === undefined ? {} : { gid: endpoint.gid };
    return { ...common, path: endpoint.path, fileMode: endpoint.fileMode, ...gid };
  }
  return {
    ...common,
    ...(fd === undefined ? { host: endpoint.address.host, port: endpoint.address.port } : { fd }),
    tls: {
      certificate: readPem(endpoint.certificateFile, listener.name),
      key: readPem(endpoint.keyFile, listener.name),
      clientAuthority: readPem(endpoint.clientAuthorityFile, listener.name),
    },
  };
}

function readPem(file: string, listener: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new PlimsollError("CONFIG_INVALID", `listener ${listener}: ${errorText(cause)}`, {
      hint: "point cert, key and ca at PEM files that this user may read",
      cause,
    });
  }
}

/** What DOCKER_HOST takes. */
export function toAddress(listener: ListenerConfiguration, address: string): string {
  if (listener.endpoint.transport === "tls") return `tcp://${address}`;
  return `unix://${address.startsWith("fd:") ? listener.endpoint.path : address}`;
}
