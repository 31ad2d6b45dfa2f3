import { expect, type Page } from "@playwright/test";

/** No word of the page's main part may be broken over two lines, but for such as are
 * longer than a line: ARNs, key IDs, addresses. */
export async function wholeWords(page: Page): Promise<void> {
  await expect(page.locator("main").getByRole("heading", { level: 1 })).toBeVisible();
  const broken = await page.evaluate(() => {
    const found: string[] = [];
    const walk = document.createTreeWalker(document.querySelector("main")!, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const text = node.textContent!;
      if (/AKIA|amzn1\.|arn:|:\/\//.test(text)) continue;
      for (const word of text.matchAll(/[A-Za-z]{3,}/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].filter((r) => r.width > 0).map((r) => Math.round(r.top)));
        if (lines.size > 1) found.push(word[0]);
      }
    }
    return found;
  });
  expect(broken).toEqual([]);
}
