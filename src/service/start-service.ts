// Builds every room and starts it, in order; a failure takes back what was started before it.

import { mkdirSync } from "node:fs";
import type { Configuration } from "../cli/configuration/configuration.ts";
import type { RunningService } from "../cli/service.ts";
import { openEngineClient } from "../engine/client.ts";
import type { Gate } from "../gate/gate.ts";
import { createKnownCalls } from "../gate/known-calls.ts";
import { createKnownCreates } from "../gate/known-creates.ts";
import { createGateMetrics } from "../gate/metrics.ts";
import { serve } from "../gate/pipeline.ts";
import { createLookup } from "../gate/references/lookup.ts";
import { openStore } from "../store/store.ts";
import { createCallers } from "./callers.ts";
import { chooseEngine } from "./engine-choice.ts";
import { createImageJudge } from "./image-judge.ts";
import { openImages } from "./images.ts";
import { recordMalformed } from "./malformed.ts";
import { serveMetrics } from "./metrics.ts";
import { renderServiceMetrics } from "./metrics-text.ts";
import { createNotices } from "./notices.ts";
import { byTransport, openAll } from "./open-listeners.ts";
import { createPluginQuestions } from "./plugin-questions.ts";
import { openRules } from "./rules.ts";
import { storeOptions } from "./store-options.ts";
import { describeTrust } from "./trust.ts";
import { openWatch } from "./watch.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws PlimsollError of whichever room could not start; nothing of what was started stays */
export async function startService(
  configuration: Configuration,
  environment: Environment = process.env,
  inherited: ReadonlyMap<string, number> = new Map(),
): Promise<RunningService> {
  await using started = new AsyncDisposableStack();
  const notices = createNotices();
  mkdirSync(configuration.runtimeFolder, { recursive: true, mode: 0o755 });
  const tell = (text: string): void => notices.tell(text);
  const store = started.adopt(await openStore(storeOptions(configuration, tell)), (opened) => opened.close());
  const rules = started.adopt(await openRules(configuration, environment, tell), (opened) => opened.close());
  const { policies, profiles } = rules;
  const { plugins, others } = byTransport(configuration);
  const questions = createPluginQuestions();
  // The engine asks its plugin before it answers even the question who it is.
  const isManaged = configuration.engine.kind === "managed";
  const pluginListeners = await openAll(plugins, started, {
    ...{ configuration, inherited, isManaged, engineSocket: "" },
    onExchange: (exchange) => questions.answer(exchange),
  });
  const engine = await chooseEngine(configuration, environment, tell);
  let keepEngine = false;
  started.defer(() => engine.end(keepEngine));
  const engineSocket = engine.description.socket;
  const engineHeaders = plugins.length > 0 ? questions.headers : {};
  const client = started.adopt(openEngineClient(engineSocket, undefined, engineHeaders), (opened) => opened.close());
  const protectedPaths = [engine.description.dataRoot, configuration.stateFolder, configuration.runtimeFolder];
  const lookup = started.adopt(createLookup(client, store.ledger, { protectedPaths }), (opened) => opened.close());
  const counts = createGateMetrics();
  const watch = await openWatch(configuration, { client, engineHeaders, protectedPaths, started, tell });
  const gate: Gate = {
    engine: () => engine.description,
    callerOf: createCallers(configuration, () => lookup),
    policies: (profile) => counts.timing(policies.of(profile)),
    lookup,
    ledger: store.ledger,
    audit: counts.counting(store.audit),
    knownCalls: createKnownCalls(),
    knownCreates: createKnownCreates(),
    profiles: profiles.current,
    ...watch.forGate,
    ...openImages(configuration, { client, engineHeaders, trust: rules.trust, started }),
    nowMs: () => Date.now(),
  };
  questions.ready((exchange) => serve(exchange, gate));
  const otherListeners = await openAll(others, started, {
    ...{ configuration, inherited, isManaged: engine.isManaged, engineSocket, engineHeaders },
    onExchange: (exchange) => serve(exchange, gate),
    onMalformed: (request) => recordMalformed(request, gate, counts),
  });
  const metricsText = () =>
    counts.render() + renderServiceMetrics(store.audit, policies, engine.description) + watch.metrics();
  started.adopt(await serveMetrics(configuration.metrics, metricsText), (metrics) => metrics.close());
  const running = started.move();
  return {
    listeners: [...pluginListeners, ...otherListeners],
    engine: engine.description,
    isManaged: engine.isManaged,
    policyGeneration: () => policies.generation(),
    trust: () => describeTrust(rules.trust),
    auditSize: () => store.audit.size(),
    onRecord: (listener) => store.audit.onRecord(listener),
    onNotice: (listener) => notices.subscribe(listener),
    reload: () => rules.reload().then(() => watch.reload(policies.named)),
    ...{ watch, metrics: metricsText },
    judgeImage: createImageJudge({ trust: rules.trust, audit: gate.audit, nowMs: gate.nowMs }),
    async close(options = {}) {
      keepEngine = options.keepEngine ?? false;
      await running.disposeAsync();
    },
  };
}
