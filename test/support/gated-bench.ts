// An engine, a gate before it, and two users of the host: the bench on which attacks meet the gate.

import { type Bench, removeEscapedCgroups, startBench } from "./attack-runner.ts";
import { startEngine, type TestEngine } from "./engine.ts";
import { type GateOptions, startGate, type TestGate } from "./gate.ts";
import { startTenant } from "./tenants.ts";

export type GatedBench = Bench & { readonly gate: TestGate; readonly close: () => Promise<void> };

/** @param newEngine whose engine the bench closes */
export async function startGatedBench(
  options: GateOptions,
  patienceMs: number,
  newEngine: () => Promise<TestEngine> = () => startEngine({ network: true }),
): Promise<GatedBench> {
  const closers: (() => Promise<void>)[] = [removeEscapedCgroups];
  const close = async (): Promise<void> => {
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    const engine = await newEngine();
    closers.push(engine.close);
    const sockets = { attacker: engine.socket, victim: engine.socket, operator: engine.socket };
    const direct = await startBench(engine, sockets, patienceMs);
    closers.push(direct.probe.close);
    const gate = await startGate(engine, options);
    closers.push(gate.close);
    const [attacker, victim] = await Promise.all([61_001, 61_002].map((uid) => startTenant(gate.socket, { uid })));
    if (attacker === undefined || victim === undefined) throw new Error("two tenants were asked for");
    closers.push(attacker.close, victim.close);
    const findsLeft = options.mode === "enforce";
    return {
      ...direct,
      findsLeft,
      gate,
      close,
      sockets: { ...sockets, attacker: attacker.socket, victim: victim.socket },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
