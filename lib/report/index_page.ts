/**
 * The page that links all others.
 *
 * @module
 */
import { type PageCard, type PageHead, type PageVerdict, renderPage } from "./page.ts";

const ORDER: Record<PageVerdict["status"], number> = { fail: 0, warn: 1, pass: 2, info: 3 };

/**
 * The index: every page with its verdict, newest first.
 *
 * @param head Lake, dates, commit.
 * @param cards The pages, in any order.
 * @returns HTML.
 */
export function indexPage(head: PageHead, cards: readonly PageCard[]): string {
  const newest = cards.toSorted((
    a,
    b,
  ) => (a.made === b.made ? a.file.localeCompare(b.file) : a.made < b.made ? 1 : -1));
  const worst = newest.toSorted((a, b) => ORDER[a.status] - ORDER[b.status])[0]?.status ?? "info";
  const bad = newest.filter((card) => card.status === worst && (worst === "fail" || worst === "warn"));
  const pages = `${newest.length} page${newest.length === 1 ? "" : "s"}`;
  const text = bad.length > 0
    ? `${pages}; look first at ${bad.map((c) => `“${c.title}”`).join(", ")}.`
    : `${pages}, newest first.`;
  return renderPage(head, { status: worst, text }, [{ cards: newest }]);
}
