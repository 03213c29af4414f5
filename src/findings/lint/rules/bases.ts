// What a build starts from, and whether that is always the same.

import type { Stage } from "../../../base/dockerfile/stages.ts";
import { instructionsOf, type LintHit, type LintRule, type LintSubject } from "../lint-rule.ts";

/** Stages that start from an image, not from another stage or from nothing. */
function imageStages({ plan }: LintSubject): readonly Stage[] {
  return plan.stages.filter(
    ({ base, parent, unknown }) => parent === undefined && base !== "" && base !== "scratch" && unknown.length === 0,
  );
}

function tagOf(image: string): string {
  const name = image.split("@")[0] ?? "";
  return /:([^/:]+)$/.exec(name)?.[1] ?? "";
}

const imageAt = ({ from }: Stage): LintHit["at"] => from.words[0] ?? from;

export const baseRules: readonly LintRule[] = [
  {
    id: "base-latest",
    severity: "medium",
    title: "the base image has no tag, or the tag latest: it is another one tomorrow",
    hint: "name a version and its digest: image:1.2@sha256:...",
    check: (subject) =>
      imageStages(subject)
        .filter(({ base }) => !base.includes("@") && ["", "latest"].includes(tagOf(base)))
        .map((stage) => ({ at: imageAt(stage), what: `base image ${stage.base} has no fixed version` })),
  },
  {
    id: "base-without-digest",
    severity: "low",
    title: "the base image is named by a tag, which can be moved",
    hint: "add the digest: image:1.2@sha256:...",
    check: (subject) =>
      imageStages(subject)
        .filter(({ base }) => !base.includes("@") && !["", "latest"].includes(tagOf(base)))
        .map((stage) => ({ at: imageAt(stage), what: `base image ${stage.base} is not pinned by a digest` })),
  },
  {
    id: "foreign-frontend",
    severity: "medium",
    title: "another program than Docker's own reads this file, and may do with it what it likes",
    hint: "use docker/dockerfile, or name the frontend by its digest",
    check: ({ dockerfile }) =>
      dockerfile.directives
        .filter(
          ({ name, value }) =>
            name === "syntax" &&
            !value.includes("@sha256:") &&
            !/^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::[\w.-]+)?$/.test(value),
        )
        .map((directive) => ({ at: directive, what: `this file is read by ${directive.value}` })),
  },
  {
    id: "copy-from-unpinned",
    severity: "medium",
    title: "files are copied from an image that has no fixed version",
    hint: "name a version and its digest: --from=image:1.2@sha256:...",
    check: (subject) =>
      copySources(subject)
        .filter(({ value }) => isImage(value, subject) && !value.includes("@") && ["", "latest"].includes(tagOf(value)))
        .map((flag) => ({ at: flag, what: `files come from ${flag.value}, which has no fixed version` })),
  },
  {
    id: "stage-unknown",
    severity: "high",
    title: "files are copied from a stage that does not come before",
    hint: "name a stage that stands above, or an image",
    check: (subject) =>
      copySources(subject).flatMap((flag) => {
        const number = /^\d+$/.test(flag.value) ? Number(flag.value) : -1;
        const later = subject.plan.stages.find(({ name }) => name !== "" && name === flag.value.toLowerCase());
        const isWrong = number >= flag.stage || (later !== undefined && later.index >= flag.stage);
        return isWrong ? [{ at: flag, what: `stage ${flag.value} does not come before this one` }] : [];
      }),
  },
  {
    id: "stage-twice",
    severity: "high",
    title: "two stages have one name",
    hint: "give each stage a name of its own",
    check: ({ plan }) =>
      plan.stages
        .filter(
          (stage) =>
            stage.name !== "" && plan.stages.some((other) => other.index < stage.index && other.name === stage.name),
        )
        .map(({ from, name }) => ({ at: from, what: `stage ${name} was there before` })),
  },
  {
    id: "stage-name",
    severity: "high",
    title: "a stage has a name that means something else",
    hint: "use small letters, digits, and another name than scratch or context",
    check: ({ plan }) =>
      plan.stages
        .filter(
          ({ name }) => name !== "" && (!/^[a-z][a-z0-9_.-]*$/.test(name) || name === "scratch" || name === "context"),
        )
        .map(({ from, name }) => ({ at: from, what: `stage name ${name}` })),
  },
  {
    id: "stage-unused",
    severity: "negligible",
    title: "a stage is built for nothing",
    hint: "remove it, or copy from it",
    check: (subject) => {
      const used = new Set([
        subject.plan.stages.length - 1,
        ...subject.plan.stages.flatMap(({ parent }) => parent ?? []),
      ]);
      for (const { value } of copySources(subject))
        used.add(
          /^\d+$/.test(value)
            ? Number(value)
            : (subject.plan.stages.find(({ name }) => name === value.toLowerCase())?.index ?? -1),
        );
      return subject.plan.stages
        .filter(({ index, name }) => name !== "" && !used.has(index))
        .map(({ from, name }) => ({ at: from, what: `nothing uses stage ${name}` }));
    },
  },
  {
    id: "argument-unknown",
    severity: "high",
    title: "FROM uses a build argument that is not declared before the first FROM",
    hint: "declare it with ARG above the first FROM",
    check: ({ plan }) =>
      plan.stages
        .filter(({ unknown }) => unknown.length > 0)
        .map((stage) => ({ at: imageAt(stage), what: `${stage.unknown.join(", ")} has no ARG before the first FROM` })),
  },
  {
    id: "base-platform",
    severity: "negligible",
    title: "the platform is written down, so that the image fits one kind of machine",
    hint: "use $BUILDPLATFORM or $TARGETPLATFORM, or leave it to whoever builds",
    check: (subject) =>
      instructionsOf(subject, "FROM").flatMap(({ flags }) =>
        flags
          .filter(({ name, value }) => name === "platform" && value !== "" && !value.includes("$"))
          .map((flag) => ({ at: flag, what: `platform ${flag.value} for every build` })),
      ),
  },
];

type CopySource = LintHit["at"] & { readonly value: string; readonly stage: number };

/** `--from` of COPY and ADD, and `from=` of RUN's mounts. */
function copySources({ plan }: LintSubject): readonly CopySource[] {
  return plan.stages.flatMap(({ instructions, index }) =>
    instructions.flatMap(({ flags, keyword }) =>
      flags.flatMap((flag) => {
        const mounted =
          flag.name === "mount" && keyword === "RUN" ? /(?:^|,)from=([^,]*)/.exec(flag.value)?.[1] : undefined;
        const value = flag.name === "from" ? flag.value : mounted;
        return value === undefined || value === "" || value.includes("$")
          ? []
          : [{ line: flag.line, column: flag.column, value, stage: index }];
      }),
    ),
  );
}

function isImage(value: string, { plan }: LintSubject): boolean {
  return !/^\d+$/.test(value) && value !== "scratch" && !plan.stages.some(({ name }) => name === value.toLowerCase());
}
