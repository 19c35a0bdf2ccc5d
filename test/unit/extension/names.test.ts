import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { command, contextKey, panelType, setting, view } from "../../../extension/names.ts";

interface Step {
  id: string;
  description: string;
  media: { svg?: string; altText?: string; markdown?: string };
  completionEvents: string[];
}

interface Setting {
  order: number;
  enum?: unknown[];
  markdownDescription?: string;
  markdownEnumDescriptions?: string[];
}

interface Manifest {
  contributes: {
    commands: { command: string; enablement?: string }[];
    viewsContainers: Record<"activitybar" | "panel", { id: string; icon: string }[]>;
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string; when?: string; contents: string }[];
    keybindings: { command: string; when: string; args?: { commands: string[] } }[];
    menus: Record<string, { command: string; when?: string }[]>;
    walkthroughs: { id: string; steps: Step[] }[];
    configuration: { properties: Record<string, Setting> };
  };
}

const { contributes } = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
) as Manifest;
/** The condition of what stands in either view of the exchanges. */
const bothViews = String.raw`/^tinytap\.(exchanges|debugging)$/`;
const commands: string[] = Object.values(command);

test("package.json contributes the names of names.ts, and no others", () => {
  assert.deepEqual(contributes.commands.map((entry) => entry.command).toSorted(), commands.toSorted());
  assert.deepEqual(
    Object.keys(contributes.configuration.properties).toSorted(),
    Object.values(setting).toSorted(),
  );
  const { activitybar, panel } = contributes.viewsContainers;
  assert.deepEqual(
    [activitybar.map(({ id }) => id), panel.map(({ id }) => id)],
    [[view.container], [view.networkContainer]],
  );
  const views = Object.entries(contributes.views).map(([container, all]) => [
    container,
    all.map(({ id }) => id),
  ]);
  assert.deepEqual(views, [
    [view.container, [view.exchanges]],
    [view.networkContainer, [view.network]],
    ["debug", [view.debugging]],
  ]);
});

test("menus, keys, welcome views and conditions use only these names", () => {
  for (const { command: name } of Object.values(contributes.menus).flat())
    assert.ok(commands.includes(name), name);
  for (const { command: name, args } of contributes.keybindings)
    for (const each of args?.commands ?? [name])
      assert.ok(commands.includes(each) || each.startsWith("list."), each);
  for (const welcome of contributes.viewsWelcome) {
    assert.ok(
      [view.exchanges, view.debugging].some((known) => known === welcome.view),
      welcome.view,
    );
    for (const [, name = ""] of welcome.contents.matchAll(/\(command:([\w.]+)/g))
      assert.ok(commands.includes(name) || name.startsWith("workbench."), name);
  }
  const conditions = [
    ...contributes.commands.map(({ enablement }) => enablement),
    ...contributes.keybindings.map(({ when }) => when),
    ...Object.values(contributes.menus).flatMap((menu) => menu.map(({ when }) => when)),
    ...contributes.viewsWelcome.map(({ when }) => when),
  ];
  const known: string[] = [...Object.values(contextKey), view.exchanges, view.network, panelType];
  for (const condition of conditions)
    for (const [name] of (condition ?? "").replaceAll(bothViews, "").matchAll(/tinytap\.\w+/g))
      assert.ok(known.includes(name), name);
});

test("the walkthrough leads to commands and pictures that are there, and is led to", () => {
  const [walkthrough] = contributes.walkthroughs;
  for (const { description, media, completionEvents } of walkthrough?.steps ?? []) {
    for (const [, name = ""] of description.matchAll(/\(command:([\w.]+)/g))
      assert.ok(commands.includes(name) || name.startsWith("workbench."), name);
    for (const event of completionEvents) {
      const name = event.replace(/^on(Command|Context):/, "");
      assert.ok(commands.includes(name) || Object.values<string>(contextKey).includes(name), event);
    }
    assert.ok(media.svg === undefined || media.altText !== undefined, "a picture has its words");
    const file = media.svg ?? media.markdown ?? "";
    assert.ok(existsSync(new URL(`../../../${file}`, import.meta.url)), file);
  }
  const steps = walkthrough?.steps.map(({ id }) => id) ?? [];
  for (const { contents } of contributes.viewsWelcome)
    for (const [, argument = ""] of contents.matchAll(/openWalkthrough\?([^)]*)\)/g)) {
      const [{ category, step }] = JSON.parse(decodeURIComponent(argument));
      assert.deepEqual([category, steps.includes(step)], [`tinytap.tinytap#${walkthrough?.id}`, true]);
    }
});

test("every setting is described, with each of its values, and has a place of its own", () => {
  const settings = Object.entries(contributes.configuration.properties);
  for (const [name, { enum: values, markdownDescription, markdownEnumDescriptions }] of settings) {
    assert.ok(markdownDescription, name);
    if (typeof values?.[0] === "string") assert.equal(markdownEnumDescriptions?.length, values.length, name);
  }
  assert.deepEqual(
    settings.map(([, { order }]) => order).toSorted((a, b) => a - b),
    settings.map((_, i) => i + 1),
  );
});
