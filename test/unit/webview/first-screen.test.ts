/** What of an exchange is seen at once: its line, its outcome and its body; the rest in sections, beside it or closed below it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import type { ShownBody } from "./shown-body.ts";
import { bytes, sees, window } from "./seen.ts";

/** As of a shop: 25 headers, with cookies and a gap. */
function products(more: Partial<ShownBody> = {}): ShownBody {
  const items = Array.from({ length: 60 }, (_, i) => ({ id: i, name: `Assam, second flush, ${i} g` }));
  const headers: [string, string][] = [
    ["Content-Type", "application/json; charset=utf-8"],
    ["Set-Cookie", "seen=tea-0412.cup-0031; Path=/; HttpOnly; SameSite=Lax"],
    ["Set-Cookie", "theme=plain; Path=/"],
    ["Cache-Control", "private, max-age=60, stale-while-revalidate=30"],
  ];
  while (headers.length < 25) headers.push([`X-Header-${headers.length}`, `value ${headers.length}`]);
  return { headers, bytes: bytes(JSON.stringify({ page: 2, items })), ...more };
}

const timing = { duration: 38.3, requestEnd: 0.1, responseStart: 35.1 };
const target = "/api/products?page=2&sort=price&q=tea+pot&q=%C3%A9";

async function top(page: Page, selector: string): Promise<number> {
  const box = await page.locator(selector).first().boundingBox();
  assert.ok(box !== null, `${selector} isn't seen`);
  return box.y;
}

/** In their order; open ones in capitals. */
async function sections(page: Page): Promise<string> {
  const all = await page.locator("details.section:visible").evaluateAll((elements) =>
    elements.map((element: unknown) => {
      const { open, className } = element as { open: boolean; className: string };
      const name = className.split(" ")[1]!;
      return open ? name.toUpperCase() : name;
    }),
  );
  return all.join(" ");
}

sees(
  "an exchange with 25 headers: its body's first lines, and the gist of the rest in closed sections",
  async (page) => {
    await window.wear("dark", 400);
    await window.show(target, { response: products() }, undefined, timing);
    await page.getByText('"page": 2').waitFor();
    assert.match(await page.locator("h1").innerText(), /^200 POST \/api\/products\?page=2/);
    assert.match(await page.locator(".outcome").innerText(), /^OK · 38 ms · [\d.]+ kB json · \d/);
    assert.ok((await top(page, ".text")) < 250, "the body begins near the top");
    assert.ok((await top(page, "details.headers")) > (await top(page, ".text")));
    // All titles are in sight, whatever is below.
    for (const section of await page.locator("details.section:visible").all())
      assert.ok((await section.boundingBox())!.y < 690);
    assert.equal(await sections(page), "headers cookies bytes query timing provenance");
    const said = async (name: string) =>
      (await page.locator(`details.${name}:visible summary`).first().innerText()).replaceAll(/\s+/g, " ");
    assert.equal(await said("headers"), "HEADERS 25 Content-Type, Set-Cookie, Set-Cookie…");
    assert.equal(await said("cookies"), "COOKIES SET 2 seen, theme");
    assert.match(await said("bytes"), /^BYTES [\d,]+ bytes, by write$/);
    assert.equal(await said("query"), "QUERY 4 page, sort, q, q");
    assert.equal(await said("timing"), "TIMING 38 ms request 0.1 ms, waiting 35 ms, download 3.2 ms");
    assert.equal(await said("provenance"), "PROVENANCE shop[42], server");
  },
);

sees(
  "in a wide panel the sections stand open beside the body; what the reader opens and closes stays so",
  async (page) => {
    await window.wear("dark", 900);
    await window.show(target, { response: products() }, undefined, timing);
    await page.getByText('"page": 2').waitFor();
    assert.equal(await sections(page), "HEADERS COOKIES BYTES QUERY TIMING PROVENANCE");
    const [body, headers] = await Promise.all([
      page.locator(".body").first().boundingBox(),
      page.locator("details.headers").first().boundingBox(),
    ]);
    assert.ok(headers!.x > body!.x + body!.width && headers!.y < body!.y + 100, "beside the body");
    await page.locator("details.cookies:visible summary").click();
    await window.wear("dark", 400);
    await page.locator("details.timing:visible summary").click();
    assert.equal(await sections(page), "headers cookies bytes query TIMING provenance");
    await window.show("/other", { response: products() });
    await page.locator("h1", { hasText: "/other" }).waitFor();
    assert.equal(await sections(page), "headers cookies bytes TIMING provenance");
    await page.locator("details.timing:visible summary").click();
    await window.wear("dark", 900);
    await page.locator("details.timing[open]:visible").waitFor();
    assert.equal(await sections(page), "HEADERS cookies BYTES TIMING PROVENANCE");
    await page.locator("details.cookies:visible summary").click();
  },
);

sees("without a body the headers open by themselves", async (page) => {
  await window.wear("dark", 400);
  await window.show("/none", {
    response: products({ status: 204, statusText: "No Content", bytes: bytes("") }),
  });
  await page.getByText("No body.").waitFor();
  assert.equal(await sections(page), "HEADERS cookies timing provenance");
  await window.show("/some", { response: products() });
  await page.locator("h1", { hasText: "/some" }).waitFor();
  assert.equal(await sections(page), "headers cookies bytes timing provenance");
});

sees("the outcome: what is well is quiet, and what isn't has icon, word and colour", async (page) => {
  const outcome = () => page.locator("header").innerText();
  await window.show("/well", { response: products() });
  await page.locator("h1", { hasText: "/well" }).waitFor();
  assert.equal(await page.locator("h1 .codicon").count(), 0);
  const failed = products({ status: 500, statusText: "Internal Server Error" });
  await window.show("/failed", { response: failed });
  await page.locator("h1 .codicon-error").waitFor();
  assert.match(await outcome(), /500 POST \/failed\s+Internal Server Error · 3\.0 ms/);
  await window.show("/reset", {}, undefined, { state: "reset", error: "CANCEL" });
  await page.getByText("reset: the connection was broken off · CANCEL · 3.0 ms").waitFor();
  await window.show("/late", {}, undefined, { state: "in-flight", start: -1000, duration: undefined! });
  await page.getByText("waiting for the response · in flight for 1.").waitFor();
  const gap = [{ start: 10, end: 1510, reason: "shed" as const }];
  await window.show("/lost", { response: products({ body: { missing: gap } }) });
  await page.locator(".outcome").getByText("1.5 kB lost").waitFor();
});

sees(
  "while no response has come its request is looked at, as long as nothing else is chosen",
  async (page) => {
    const waits = { state: "in-flight", start: Date.now(), duration: undefined! } as const;
    const selected = page.getByRole("tab", { selected: true });
    const request = { headers: [["Accept", "text/html"] as [string, string]], bytes: bytes("") };
    for (const target of ["/first", "/second"]) {
      await window.show(target, { request }, undefined, waits);
      await page.locator("h1", { hasText: target }).waitFor();
      await page.locator("details.headers:visible").getByText("text/html").waitFor();
      assert.match(await selected.innerText(), /^Request/);
      await window.update(target, { request, response: products() });
      await page.getByText('"page": 2').waitFor();
      assert.match(await selected.innerText(), /^Response/);
    }
    await window.show("/chosen", { request }, undefined, waits);
    await page.locator("h1", { hasText: "/chosen" }).waitFor();
    await page.getByRole("tab", { name: "Request" }).click();
    await window.update("/chosen", { request, response: products() });
    await page.locator(".outcome").getByText("OK").waitFor();
    assert.match(await selected.innerText(), /^Request/);
    await page.getByRole("tab", { name: "Response" }).click();
  },
);

sees("hostile text stays text, wherever it stands", async (page) => {
  const evil = `<img src=x onerror="document.title='owned'">\u202e`;
  await window.show(
    `/${evil}?${evil}=${evil}`,
    {
      response: products({
        statusText: evil,
        headers: [
          [evil, evil],
          ["Set-Cookie", `${evil}=${evil}; ${evil}=${evil}`],
        ],
        trailers: [[evil, evil]],
        interim: [{ status: 103, statusText: evil, headers: [[evil, evil]], time: 1 }],
        bytes: bytes(evil),
      }),
    },
    undefined,
    { process: evil, error: evil, local: evil },
  );
  await page.locator(".content").getByText("<img").first().waitFor();
  assert.deepEqual([await page.locator("img").count(), await page.title()], [0, "Exchange"]);
});

sees("axe finds nothing to complain of, in four themes, narrow and wide", async (page, t) => {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const gap = [{ start: 100, end: 300, reason: "shed" as const }];
  // Past the page's policy, which lets no other script in.
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression: string) =>
    (await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })).result
      .value as unknown;
  await evaluate(`${axe}; 0`);
  for (const theme of ["dark", "light", "hcDark", "hcLight"] as const)
    for (const width of [300, 900]) {
      await window.wear(theme, width);
      await window.show(target, { response: products({ body: { missing: gap } }) }, undefined, timing);
      await page.getByText("bytes 100–299 missing").first().waitFor();
      await page.keyboard.press("Control+f");
      await page.keyboard.type("tea");
      await page.locator(".find .said").getByText("No matches").waitFor();
      const violations = await evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) => html.slice(0, 150) + ' ' + any.map(({ message }) => message).join()).join(' | ')))",
      );
      t.diagnostic(`${theme} ${width}: ${(violations as string[]).length}`);
      assert.deepEqual(violations, [], `${theme} ${width}`);
    }
});
