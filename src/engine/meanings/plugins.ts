// Engine plugins: programs that run as root on the host.
// Source: moby/moby, daemon/server/router/plugin/plugin_routes.go.

import type { Meaning } from "../meaning.ts";
import { json } from "../meaning.ts";

const one = { resource: "Plugin", param: "name" } as const;
const all = { resource: "Plugin" } as const;

export const pluginMeanings: Readonly<Record<string, Meaning>> = {
  PluginList: { ...all, action: "plugin.list" },
  GetPluginPrivileges: { ...all, action: "plugin.privileges" },
  PluginPull: { ...all, action: "plugin.pull", body: json("PluginPull"), response: "stream" },
  PluginInspect: { ...one, action: "plugin.inspect" },
  PluginDelete: { ...one, action: "plugin.remove" },
  PluginEnable: { ...one, action: "plugin.enable", response: "empty" },
  PluginDisable: { ...one, action: "plugin.disable", response: "empty" },
  PluginUpgrade: { ...one, action: "plugin.upgrade", body: json("PluginUpgrade"), response: "stream" },
  PluginCreate: { ...all, action: "plugin.create", body: { kind: "tar", content: "plugin" }, response: "empty" },
  PluginPush: { ...one, action: "plugin.push", response: "stream" },
  PluginSet: { ...one, action: "plugin.set", body: json("PluginSet"), response: "empty" },
};
