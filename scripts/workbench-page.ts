/** VS Code's window as a person sees it, for playwright: rows, commands, the detail panel. */
import type { FrameLocator, Locator, Page } from "playwright-core";

/** A webview floats above the workbench, and names the place that it floats above: the Network panel's is in the panel. */
const place =
  "//*[contains(@class,'basepanel')]//*[contains(@class,'pane-body')]/@style[contains(.,'anchor-name')]";
const isInPanel = `${place} and contains(@style, substring-before(substring-after(${place}, 'anchor-name: '), ';'))`;

export class WorkbenchPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    // The palette lists what was there when it was opened: first the extension must have been read.
    await this.page
      .locator(".activitybar")
      .getByRole("tab", { name: "Tinytap" })
      .waitFor({ timeout: 60_000 });
  }

  /** Filters what is listed. */
  async filter(text: string): Promise<void> {
    await this.command("Tinytap: Filter Exchanges…");
    // Not before the field is there: the palette goes first.
    await this.page.locator('.quick-input-widget input[placeholder^="e.g. status"]').fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Runs a command by its title, through the palette. */
  async command(title: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input");
    const rows = this.page.locator(".quick-input-list .monaco-list-row");
    // A palette that is just being closed takes the key with it, and one that loses the focus closes again. It lists the
    // commands that there were when it opened: after a reload it may be too early.
    const type = async () => {
      if (!(await input.isVisible())) await this.page.keyboard.press("F1");
      await input.fill(`>${title}`, { timeout: 1000 });
      await rows.getByText(title, { exact: true }).first().waitFor({ timeout: 5000 });
    };
    for (let tries = 1; !(await succeeds(type())); tries++) {
      if (tries === 20) throw new Error(`VS Code's palette doesn't stay open, or has no command ${title}`);
      if (await input.isVisible()) await this.page.keyboard.press("Escape");
    }
    // Similar commands come late, and move the others: a click or an Enter too early hits one of them.
    for (let before = "", now = "?"; before !== now; await this.page.waitForTimeout(300)) {
      before = now;
      now = (await rows.allTextContents()).join("\n");
    }
    const focused = rows.and(this.page.locator(".focused")).getByText(title, { exact: true });
    for (let steps = 0; steps < 20 && !(await focused.isVisible()); steps++) await input.press("ArrowDown");
    await input.press("Enter");
    // Until it has closed, or asks for something else, the next command would find it still there.
    const value = () => input.inputValue({ timeout: 1000 }).catch(() => ""); // the page may be gone, as after a reload
    const isAsking = async () => (await input.isVisible()) && (await value()) === `>${title}`;
    for (let tries = 0; tries < 100 && (await isAsking()); tries++) await this.page.waitForTimeout(50);
  }

  /** Opens a file of the workspace: `name`, or `name:line`. */
  async openFile(place: string): Promise<void> {
    const [name = ""] = place.split(":");
    await this.page.keyboard.press("Control+P");
    await this.page.locator(".quick-input-widget input").fill(place);
    const found = this.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first();
    await found.waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.locator(".tab.active", { hasText: name }).waitFor();
    await this.page.locator(".monaco-editor.focused").waitFor();
  }

  /** Sets a theme by its name. */
  async theme(name: string): Promise<void> {
    await this.command("Preferences: Color Theme");
    await this.page.locator(".quick-input-widget input").fill(name);
    // It is tried on while one moves through the list, and set by Enter.
    await this.page.waitForTimeout(1000);
    await this.page.keyboard.press("Enter");
    await this.page.waitForTimeout(1500);
  }

  /** An editor's tab by its whole title. */
  tab(title: string): Locator {
    // Where there are several groups it also says which.
    const label = (rest: string) => `.tab[aria-label${rest}]`;
    return this.page.locator(
      `${label(`=${JSON.stringify(title)}`)}, ${label(`^=${JSON.stringify(`${title},`)}`)}`,
    );
  }

  /** The titles of the editors' tabs, by group. */
  async tabs(): Promise<string[][]> {
    const groups = await this.page.locator(".editor-group-container").all();
    return Promise.all(
      groups.map(async (group) => {
        const tabs = await group.locator(".tab").all();
        const labels = await Promise.all(tabs.map((tab) => tab.getAttribute("aria-label")));
        return labels.map((label) => label?.split(",")[0] ?? "");
      }),
    );
  }

  /** Chooses from the menu of what is there. */
  async choose(from: Locator, title: string): Promise<void> {
    const entry = this.page.getByRole("menuitem", { name: title });
    await from.click({ button: "right" });
    await entry.hover();
    // A menu takes no click in its first moment, lest it be the one that opened it.
    await this.page.waitForTimeout(500);
    await entry.click();
  }

  /** Gives VS Code's own file dialog a path. It puts its proposal there, sooner or later: what is accepted must be ours. */
  async answerDialog(path: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input");
    for (let tries = 0; tries < 20 && (await input.isVisible()); tries++) {
      await input.fill(path);
      await this.page.waitForTimeout(1000);
      if ((await input.inputValue()) === path) await this.page.keyboard.press("Enter");
      await input.waitFor({ state: "hidden", timeout: 3000 }).catch(() => {});
    }
  }

  /** The rows of Tinytap's tree of which `text` is said: what is seen of it may be cut, by its width and by the row's figures. */
  rows(text: string): Locator {
    return this.page.locator(`.pane-body .monaco-list-row[aria-label*=${JSON.stringify(text)}]`);
  }

  /** The detail panel's page: a frame of VS Code's in a frame of the webview. */
  get panel(): FrameLocator {
    return this.#frame(`not(${isInPanel})`);
  }

  /** The Network panel's page. */
  get table(): FrameLocator {
    return this.#frame(isInPanel);
  }

  #frame(condition: string): FrameLocator {
    const overlay = `//*[contains(@class,'webview-overlay-content')][${condition}]`;
    return this.page.frameLocator(`xpath=${overlay}/iframe`).frameLocator("iframe#active-frame");
  }

  /** The panel's text of the response's body once it shows the exchange with `target`. */
  response(target: string): { digest: Locator; text: Locator; extents: Locator } {
    const shown = this.panel.locator("main", { has: this.panel.locator("h1", { hasText: target }) });
    const response = shown.locator("#panel-response");
    return {
      digest: response.locator(".digest"),
      text: response.locator("pre.text"),
      extents: response.locator(".extents"),
    };
  }
}

function succeeds(attempt: Promise<void>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
