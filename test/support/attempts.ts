// What one tenant may try on another's things, as data. Names in capitals are replaced by what the victim made.

import { tar } from "./tar.ts";

export type Victim = {
  readonly container: string;
  readonly containerId: string;
  readonly execId: string;
  readonly imageId: string;
  readonly anonymousVolume: string;
};

/** Own things of the attacker. */
export type Attacker = { readonly containerId: string; readonly networkId: string };

export type Attempt = {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

const create = "/containers/create";
const upgrade = { Connection: "close, Upgrade", Upgrade: "tcp" };
const binary = { "Content-Type": "application/x-tar" };

function run(title: string, hostConfig: unknown, more: object = {}): Attempt {
  const body = { Image: "bb:1", Cmd: ["true"], HostConfig: hostConfig, ...more };
  return { title, method: "POST", path: create, body };
}

/** Every one of these has to be refused. */
export function attempts(victim: Victim, own: Attacker): readonly Attempt[] {
  return [
    ...onContainers(victim, own),
    ...onExecs(victim),
    ...throughCreate(victim),
    ...onNetworks(victim, own),
    ...onVolumes(victim),
    ...onImages(victim, own),
    ...onLabels(),
  ];
}

function onContainers({ container, containerId }: Victim, own: Attacker): readonly Attempt[] {
  const at = `/containers/${container}`;
  const file = tar([{ name: "evil", data: "x" }]);
  return [
    { title: "inspect by name", method: "GET", path: `${at}/json` },
    { title: "inspect by id", method: "GET", path: `/containers/${containerId}/json` },
    { title: "inspect by the beginning of the id", method: "GET", path: `/containers/${containerId.slice(0, 6)}/json` },
    { title: "read the log", method: "GET", path: `${at}/logs?stdout=1` },
    { title: "list processes", method: "GET", path: `${at}/top` },
    { title: "read statistics", method: "GET", path: `${at}/stats?stream=0` },
    { title: "list changed files", method: "GET", path: `${at}/changes` },
    { title: "export the file system", method: "GET", path: `${at}/export` },
    { title: "copy files out", method: "GET", path: `${at}/archive?path=/etc/passwd` },
    { title: "copy files in", method: "PUT", path: `${at}/archive?path=/`, body: file, headers: binary },
    { title: "attach", method: "POST", path: `${at}/attach?stream=1&stdin=1&stdout=1`, headers: upgrade },
    { title: "attach by websocket", method: "GET", path: `${at}/attach/ws?stream=1&stdout=1` },
    { title: "stop", method: "POST", path: `${at}/stop?t=0` },
    { title: "kill", method: "POST", path: `${at}/kill` },
    { title: "pause", method: "POST", path: `${at}/pause` },
    { title: "restart", method: "POST", path: `${at}/restart` },
    { title: "rename", method: "POST", path: `${at}/rename?name=stolen` },
    { title: "change limits", method: "POST", path: `${at}/update`, body: { Memory: 8_000_000 } },
    { title: "wait for the end", method: "POST", path: `${at}/wait` },
    { title: "resize the terminal", method: "POST", path: `${at}/resize?h=1&w=1` },
    { title: "remove", method: "DELETE", path: `${at}?force=1` },
    { title: "commit to an image", method: "POST", path: `/commit?container=${container}&repo=stolen` },
    { title: "find by age", method: "GET", path: `/containers/json?all=1&before=${container}` },
    { title: "commit over a tag", method: "POST", path: `/commit?container=${own.containerId}&repo=aimg&tag=1` },
  ];
}

function onExecs({ container, execId }: Victim): readonly Attempt[] {
  return [
    { title: "run a command", method: "POST", path: `/containers/${container}/exec`, body: { Cmd: ["id"] } },
    { title: "start a prepared exec", method: "POST", path: `/exec/${execId}/start`, body: { Detach: true } },
    { title: "inspect an exec", method: "GET", path: `/exec/${execId}/json` },
    { title: "resize an exec", method: "POST", path: `/exec/${execId}/resize?h=1&w=1` },
  ];
}

function throughCreate({ container, containerId, anonymousVolume }: Victim): readonly Attempt[] {
  const endpoints = (name: string): object => ({ NetworkingConfig: { EndpointsConfig: { [name]: {} } } });
  return [
    run("mount its volumes", { VolumesFrom: [container] }),
    run("mount its volumes by id", { VolumesFrom: [`${containerId.slice(0, 12)}:ro`] }),
    run("bind a volume", { Binds: ["alicedata:/x"] }),
    run("mount a volume", { Mounts: [{ Type: "volume", Source: "alicedata", Target: "/x" }] }),
    run("bind a volume without a name", { Binds: [`${anonymousVolume}:/x`] }),
    run("join its processes", { PidMode: `container:${container}` }),
    run("join its network stack", { NetworkMode: `container:${containerId}` }),
    run("join its shared memory", { IpcMode: `container:${container}` }),
    run("link to it", { Links: [`${container}:victim`] }),
    run("join a network", { NetworkMode: "anet" }),
    run("join a second network", {}, endpoints("anet")),
    run(
      "link inside a network",
      {},
      { NetworkingConfig: { EndpointsConfig: { bnet: { Links: [`${container}:v`] } } } },
    ),
    { ...run("run an image", {}, { Image: "aimg:1" }) },
    { ...run("mount an image", { Mounts: [{ Type: "image", Source: "aimg:1", Target: "/x" }] }) },
  ];
}

function onNetworks({ container }: Victim, own: Attacker): readonly Attempt[] {
  const connect = (network: string, name: string): Attempt => ({
    title: `connect ${name} to ${network}`,
    method: "POST",
    path: `/networks/${network}/connect`,
    body: { Container: name },
  });
  const force = { Container: container, Force: true };
  return [
    connect("anet", own.containerId),
    connect(own.networkId, container),
    { title: "disconnect", method: "POST", path: "/networks/anet/disconnect", body: force },
    { title: "inspect a network", method: "GET", path: "/networks/anet" },
    { title: "remove a network", method: "DELETE", path: "/networks/anet" },
    { title: "make a network of the same name", method: "POST", path: "/networks/create", body: { Name: "anet" } },
  ];
}

function onVolumes({ anonymousVolume }: Victim): readonly Attempt[] {
  return [
    { title: "inspect a volume", method: "GET", path: "/volumes/alicedata" },
    { title: "inspect a volume without a name", method: "GET", path: `/volumes/${anonymousVolume}` },
    { title: "remove a volume", method: "DELETE", path: "/volumes/alicedata?force=1" },
    { title: "make a volume of the same name", method: "POST", path: "/volumes/create", body: { Name: "alicedata" } },
  ];
}

function onImages({ imageId }: Victim, own: Attacker): readonly Attempt[] {
  const plainId = imageId.slice("sha256:".length);
  const from = tar([{ name: "Dockerfile", data: "FROM aimg:1\n" }]);
  const copy = tar([{ name: "Dockerfile", data: "FROM bb:1\nCOPY --from=aimg:1 /bin/sh /is\n" }]);
  const plain = tar([{ name: "Dockerfile", data: "FROM bb:1\nLABEL a=b\n" }]);
  const archive = tar([{ name: "manifest.json", data: '[{"Config":"c.json","RepoTags":["aimg:1"],"Layers":[]}]' }]);
  const empty = tar([{ name: "x", data: "x" }]);
  return [
    { ...run("run an image by id", {}, { Image: imageId }) },
    { ...run("run an image by the beginning of its id", {}, { Image: plainId.slice(0, 10) }) },
    { title: "inspect an image", method: "GET", path: "/images/aimg:1/json" },
    { title: "read an image's history", method: "GET", path: `/images/${plainId.slice(0, 12)}/history` },
    { title: "save an image", method: "GET", path: "/images/aimg:1/get" },
    { title: "save an image beside an own one", method: "GET", path: "/images/get?names=bb:1&names=aimg:1" },
    { title: "give an image a name", method: "POST", path: `/images/${imageId}/tag?repo=mine&tag=1` },
    { title: "take a tag", method: "POST", path: "/images/bb:1/tag?repo=aimg&tag=1" },
    {
      title: "take a tag, written in full",
      method: "POST",
      path: "/images/bb:1/tag?repo=docker.io/library/aimg&tag=1",
    },
    { title: "remove a tag", method: "DELETE", path: "/images/aimg:1" },
    { title: "remove an image by id", method: "DELETE", path: `/images/${imageId}?force=1` },
    { title: "remove everybody's image", method: "DELETE", path: "/images/bb:1" },
    { title: "push an image", method: "POST", path: "/images/aimg/push?tag=1", headers: { "X-Registry-Auth": "e30=" } },
    { title: "build over a tag", method: "POST", path: "/build?t=aimg:1", body: plain, headers: binary },
    { title: "build from an image", method: "POST", path: "/build?t=bimg:9", body: from, headers: binary },
    { title: "build with files of an image", method: "POST", path: "/build?t=bimg:9", body: copy, headers: binary },
    { title: "build in its network", method: "POST", path: "/build?networkmode=anet", body: plain, headers: binary },
    { title: "load over a tag", method: "POST", path: "/images/load", body: archive, headers: binary },
    {
      title: "import over a tag",
      method: "POST",
      path: "/images/create?fromSrc=-&repo=aimg&tag=1",
      body: empty,
      headers: binary,
    },
    { title: "find by image", method: "GET", path: `/containers/json?filters={"ancestor":["aimg:1"]}` },
    { title: "find images by age", method: "GET", path: `/images/json?filters={"since":["aimg:1"]}` },
    { title: "commit over it with a digest", method: "POST", path: `/commit?container=${own.containerId}&repo=aimg:1` },
  ];
}

/** The owner label is the gate's. */
function onLabels(): readonly Attempt[] {
  const labels = { "dev.plimsoll.owner": "unix:#2001" };
  const mount = { Type: "volume", Source: "new", Target: "/x", VolumeOptions: { Labels: labels } };
  const plain = tar([{ name: "Dockerfile", data: "FROM bb:1\nLABEL a=b\n" }]);
  const query = encodeURIComponent(JSON.stringify(labels));
  return [
    run("a container in another's name", {}, { Labels: labels }),
    run("a mounted volume in another's name", { Mounts: [mount] }),
    { title: "a volume in another's name", method: "POST", path: "/volumes/create", body: { Labels: labels } },
    {
      title: "a network in another's name",
      method: "POST",
      path: "/networks/create",
      body: { Name: "n", Labels: labels },
    },
    {
      title: "an image in another's name",
      method: "POST",
      path: `/build?labels=${query}`,
      body: plain,
      headers: binary,
    },
    {
      title: "a label in odd case",
      method: "POST",
      path: "/volumes/create",
      body: { Labels: { "DEV.plimsoll.Owner": "x" } },
    },
  ];
}

/** These are answered, without a trace of the victim in the answer. */
export const views: readonly Attempt[] = [
  { title: "list containers", method: "GET", path: "/containers/json?all=1&size=1" },
  { title: "list images", method: "GET", path: "/images/json?all=1" },
  { title: "list volumes", method: "GET", path: "/volumes" },
  { title: "list networks", method: "GET", path: "/networks" },
  { title: "inspect a shared network", method: "GET", path: "/networks/bridge" },
  { title: "read disk usage", method: "GET", path: "/system/df" },
  { title: "replay events", method: "GET", path: "/events?since=1&until=NOW" },
  { title: "search by label", method: "GET", path: `/containers/json?all=1&filters={"label":["dev.plimsoll.owner"]}` },
  { title: "read the history of a shared image", method: "GET", path: "/images/bb:1/history" },
  { title: "inspect a shared image", method: "GET", path: "/images/bb:1/json" },
  { title: "prune containers", method: "POST", path: "/containers/prune" },
  { title: "prune volumes", method: "POST", path: "/volumes/prune" },
  { title: "prune networks", method: "POST", path: "/networks/prune" },
];
