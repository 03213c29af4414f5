// What `plimsoll watch flows` does.

import { printable, printableJson } from "../../base/printable.ts";
import { openEngineClient } from "../../engine/client.ts";
import { decodePacket } from "../../watch/network/decode-packet.ts";
import type { Flow } from "../../watch/network/flow.ts";
import { createFlowTable } from "../../watch/network/flow-table.ts";
import { createNeighbours } from "../../watch/network/neighbours.ts";
import { observeNetwork } from "../../watch/network/observe-network.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { configurationOf } from "../configuration/options.ts";
import { endWithReader } from "../lost-reader.ts";
import { readDurationMs } from "../policy/duration.ts";
import { engineSocketOf } from "../scan/engine-socket.ts";
import type { Terminal } from "../terminal.ts";
import { findContainer } from "./find-container.ts";

const sweepMs = 5000;

export async function runFlows(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const [name = ""] = input.positionals;
  const lastsMs = input.text("for") === undefined ? undefined : readDurationMs(input.text("for") ?? "");
  const container = await findContainer(context, input, name);
  endWithReader();
  const tell = (flow: Flow, isOpen: boolean): void => {
    const line = printableJson(JSON.stringify({ container: container.name, ...flow, isOpen }));
    stdout.write(input.flag("json") ? `${line}\n` : describeFlow(flow, isOpen, stdout));
  };
  const client = openEngineClient(engineSocketOf(context, configurationOf(context, input)));
  const neighbours = createNeighbours(client, () => Date.now());
  await neighbours.refresh();
  const table = createFlowTable({
    containerAt: neighbours.containerAt,
    resolvers: () => neighbours.resolversOf(container.id),
    onEnd: (flow) => tell(flow, false),
    ...(input.flag("open") ? { onLearnt: (flow: Flow) => tell(flow, true) } : {}),
  });
  const network = observeNetwork(container.pid, ({ bytes, isOutgoing, length, time }) => {
    const packet = decodePacket(bytes);
    if (packet !== undefined) table.see(packet, isOutgoing, Number(time / 1_000_000n), length);
  });
  const timer = setInterval(() => table.sweep(Date.now()), sweepMs);
  await interruptedOr(lastsMs);
  clearInterval(timer);
  const dropped = network.dropped();
  network.close();
  table.close();
  client.close();
  if (dropped > 0) stderr.write(`plimsoll: ${dropped} packets were lost: the kernel had no room for them\n`);
  if (table.pushedOut() > 0)
    stderr.write(`plimsoll: ${table.pushedOut()} conversations were ended early: there were too many at once\n`);
  return 0;
}

async function interruptedOr(lastsMs: number | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = lastsMs === undefined ? undefined : setTimeout(resolve, lastsMs);
  const stop = (): void => resolve();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  await promise;
  clearTimeout(timer);
  process.off("SIGINT", stop).off("SIGTERM", stop);
}

export function describeFlow(flow: Flow, isOpen: boolean, terminal: Terminal): string {
  const time = flow.startedAt.slice(11, 19);
  const arrow = flow.isOutgoing ? "->" : "<-";
  const peer = `${calledAs(flow)}${bracketed(flow.peerAddress)}:${flow.isOutgoing ? flow.peerPort : flow.localPort}`;
  const bytes = isOpen ? "" : `  ${size(flow.bytesOut)} out, ${size(flow.bytesIn)} in`;
  const signs = flow.signs.length === 0 ? "" : `  ${terminal.style("red", flow.signs.join(", "))}`;
  const said = saidIn(flow);
  return `${terminal.style("dim", time)}  ${flow.protocol} ${arrow} ${terminal.style("cyan", peer)}${said === "" ? "" : `  ${said}`}${bytes}${signs}\n`;
}

/** The engine's word first; a name that anybody may have said is marked. */
function calledAs({ peerContainer, peerName, peerNameFrom }: Flow): string {
  if (peerContainer !== "") return `${printable(peerContainer, 80)} `;
  if (peerName === "") return "";
  return peerNameFrom === "elsewhere" ? `${peerName}? ` : `${peerName} `;
}

function saidIn({ dns, http, tls }: Flow): string {
  if (dns !== undefined)
    return `asks for ${dns.type} ${dns.name}${dns.addresses.length === 0 ? "" : ` = ${dns.addresses.slice(0, 3).join(", ")}`}`;
  if (http !== undefined) return `${http.method} ${http.host}${printable(http.path, 120)}`;
  if (tls === undefined) return "";
  const { serverName, certificate } = tls;
  const shown =
    certificate === undefined
      ? ""
      : `, certificate ${printable(certificate.subject, 80)}${certificate.isSelfSigned ? " (self-signed)" : ""} until ${certificate.notAfter.slice(0, 10)}`;
  return `TLS ${serverName || "without a name"}${shown}`;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function size(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / 1_000_000).toFixed(0)} MB`;
}
