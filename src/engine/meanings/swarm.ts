// Swarm: clusters, nodes, services, tasks, secrets and configs.
// Source: moby/moby, daemon/server/router/swarm/cluster_routes.go.

import type { Meaning } from "../meaning.ts";
import { json } from "../meaning.ts";

const swarm = { resource: "Engine" } as const;
const logs = { since: "string", details: "boolean" } as const;

export const swarmMeanings: Readonly<Record<string, Meaning>> = {
  SwarmInspect: { ...swarm, action: "swarm.inspect" },
  SwarmInit: { ...swarm, action: "swarm.init", body: json("SwarmInit") },
  SwarmJoin: { ...swarm, action: "swarm.join", body: json("SwarmJoin"), response: "empty" },
  SwarmLeave: { ...swarm, action: "swarm.leave", response: "empty" },
  SwarmUpdate: { ...swarm, action: "swarm.update", body: json("SwarmUpdate"), response: "empty" },
  SwarmUnlockkey: { ...swarm, action: "swarm.unlockkey" },
  SwarmUnlock: { ...swarm, action: "swarm.unlock", body: json("SwarmUnlock"), response: "empty" },
  NodeList: { resource: "Node", action: "node.list" },
  NodeInspect: { resource: "Node", param: "id", action: "node.inspect" },
  NodeDelete: { resource: "Node", param: "id", action: "node.remove", response: "empty" },
  NodeUpdate: { resource: "Node", param: "id", action: "node.update", body: json("NodeUpdate") },
  ServiceList: { resource: "Service", action: "service.list" },
  ServiceInspect: { resource: "Service", param: "id", action: "service.inspect" },
  ServiceDelete: { resource: "Service", param: "id", action: "service.remove", response: "empty" },
  ServiceCreate: { resource: "Service", action: "service.create", body: json("ServiceCreate") },
  ServiceUpdate: { resource: "Service", param: "id", action: "service.update", body: json("ServiceUpdate") },
  ServiceLogs: { resource: "Service", param: "id", action: "service.logs", response: "stream", query: logs },
  TaskList: { resource: "Task", action: "task.list" },
  TaskInspect: { resource: "Task", param: "id", action: "task.inspect" },
  TaskLogs: { resource: "Task", param: "id", action: "task.logs", response: "stream", query: logs },
  SecretList: { resource: "Secret", action: "secret.list" },
  SecretInspect: { resource: "Secret", param: "id", action: "secret.inspect" },
  SecretDelete: { resource: "Secret", param: "id", action: "secret.remove", response: "empty" },
  SecretCreate: { resource: "Secret", action: "secret.create", body: json("SecretCreate") },
  SecretUpdate: { resource: "Secret", param: "id", action: "secret.update", body: json("SecretUpdate") },
  ConfigList: { resource: "Config", action: "config.list" },
  ConfigInspect: { resource: "Config", param: "id", action: "config.inspect" },
  ConfigDelete: { resource: "Config", param: "id", action: "config.remove", response: "empty" },
  ConfigCreate: { resource: "Config", action: "config.create", body: json("ConfigCreate") },
  ConfigUpdate: { resource: "Config", param: "id", action: "config.update", body: json("ConfigUpdate") },
};
