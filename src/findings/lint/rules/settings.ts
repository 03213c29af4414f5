// What the finished image asks for: the same questions as of a finished image's config.

import type { Instruction } from "../../../base/dockerfile/dockerfile.ts";
import { assignments } from "../../../base/dockerfile/stages.ts";
import { emptyConfig } from "../../../base/empty-config.ts";
import type { ImageConfig } from "../../../model/image.ts";
import { configRules } from "../../image-configuration/config-rules.ts";
import { finalStages, instructionsOf, type LintHit, type LintRule, type LintSubject } from "../lint-rule.ts";

const nothing: ImageConfig = { ...emptyConfig({ os: "", architecture: "", variant: "" }), user: "1" };

/** A rule for finished images, asked about what one instruction writes into the config. */
function likeImage(
  id: string,
  keywords: readonly string[],
  configOf: (instruction: Instruction, subject: LintSubject) => Partial<ImageConfig>,
): LintRule {
  const rule = configRules.find((each) => each.id === id);
  if (rule === undefined) throw new RangeError(`no rule ${id} for images`);
  return {
    id,
    severity: rule.severity,
    title: rule.title,
    hint: rule.remedy,
    check: (subject) =>
      instructionsOf(subject, ...keywords)
        .filter(({ text }) => !text.includes("$"))
        .flatMap((instruction) =>
          rule.inspect({ ...nothing, ...configOf(instruction, subject) }).map(({ what, severity }) => ({
            at: instruction,
            what: what === "" ? rule.title : `${rule.title}: ${what}`,
            ...(severity === undefined ? {} : { severity }),
          })),
        ),
  };
}

const texts = (instruction: Instruction): readonly string[] =>
  instruction.words.map(({ text }) => text.replace(/^(["'])(.*)\1$/, "$2"));
const pairs = (instruction: Instruction, { dockerfile }: LintSubject): readonly (readonly [string, string])[] =>
  assignments(instruction, dockerfile.escapeCharacter).map(({ name, value = "" }) => [name, value]);

export const settingRules: readonly LintRule[] = [
  {
    id: "runs-as-root",
    severity: "medium",
    title: "the last stage sets no user, or root",
    hint: "end the last stage with USER and a number above 0",
    check: (subject) => {
      const stages = finalStages(subject);
      const [last] = stages;
      if (last === undefined) return [];
      const user = stages
        .map(({ instructions }) => instructions.findLast(({ keyword }) => keyword === "USER"))
        .find((each) => each !== undefined);
      if (user === undefined) return [{ at: last.from, what: "no USER in the last stage" }];
      return /^["']?(?:root|0+)["']?(?::.*)?$/.test(user.text) ? [{ at: user, what: `USER ${user.text}` }] : [];
    },
  },
  likeImage("user-out-of-range", ["USER"], ({ text }) => ({ user: text })),
  likeImage("user-malformed", ["USER"], ({ text }) => ({ user: text.replace(/^(["'])(.*)\1$/, "$2") })),
  likeImage("volume-path", ["VOLUME"], (instruction) => ({ volumes: texts(instruction) })),
  likeImage("exposed-login", ["EXPOSE"], (instruction) => ({ exposedPorts: texts(instruction) })),
  likeImage("exposed-control", ["EXPOSE"], (instruction) => ({ exposedPorts: texts(instruction) })),
  likeImage("stop-signal", ["STOPSIGNAL"], ({ text }) => ({ stopSignal: text })),
  likeImage("obeyed-label", ["LABEL"], (instruction, subject) => ({
    labels: Object.fromEntries(pairs(instruction, subject)),
  })),
  likeImage("loader-environment", ["ENV"], (instruction, subject) => ({
    env: pairs(instruction, subject).map(([name, value]) => `${name}=${value}`),
  })),
  likeImage("entrypoint-path", ["ENTRYPOINT"], (instruction) => ({ entrypoint: texts(instruction) })),
  {
    id: "search-path",
    severity: "high",
    title: "programs are looked for where others may write",
    hint: "keep only absolute directories that root alone can write to in PATH",
    check: (subject) =>
      instructionsOf(subject, "ENV").flatMap((instruction) =>
        assignments(instruction, subject.dockerfile.escapeCharacter)
          .filter(
            ({ name, value = "" }) =>
              name === "PATH" &&
              value
                .split(":")
                .some((part) => !/^[/$]/.test(part) || /^\/+(?:tmp|var\/tmp|dev\/shm)(?:\/|$)/.test(part)),
          )
          .map((assignment) => ({ at: assignment, what: `PATH ${assignment.value}` })),
      ),
  },
  {
    id: "working-directory",
    severity: "high",
    title: "the working directory is relative, or leads out of the image's own files",
    hint: "use an absolute path outside of /proc, /sys and /dev",
    check: (subject) =>
      instructionsOf(subject, "WORKDIR").flatMap((instruction): readonly LintHit[] => {
        const path = instruction.text.replace(/^(["'])(.*)\1$/, "$2");
        if (/^\/+(?:proc|sys|dev)(?:\/|$)|(?:^|\/)\.\.(?:\/|$)/.test(path))
          return [{ at: instruction, what: `WORKDIR ${path}` }];
        return /^(?:[/$]|[A-Za-z]:)/.test(path)
          ? []
          : [{ at: instruction, what: `WORKDIR ${path} depends on the base image`, severity: "low" }];
      }),
  },
  {
    id: "onbuild-trigger",
    severity: "low",
    title: "builds that start from this image run its commands",
    hint: "remove ONBUILD and let each Dockerfile say what it does",
    check: (subject) =>
      instructionsOf(subject, "ONBUILD").map((instruction) => ({
        at: instruction,
        what: `ONBUILD ${instruction.trigger?.keyword ?? ""}`,
      })),
  },
  {
    id: "health-check-interval",
    severity: "medium",
    title: "the health check runs more often than once a second",
    hint: "set --interval to some seconds",
    check: (subject) =>
      instructionsOf(subject, "HEALTHCHECK").flatMap(({ flags }) =>
        flags
          .filter(
            ({ name, value }) =>
              name === "interval" &&
              /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms)|0?\.\d+s)$/.test(value) &&
              !/^\d{4,}ms$/.test(value),
          )
          .map((flag) => ({ at: flag, what: `every ${flag.value}` })),
      ),
  },
];
