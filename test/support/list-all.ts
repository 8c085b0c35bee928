interface Api {
  api<Answer>(method: string, path: string): Promise<Answer>;
}

/** Every item of a list of the API, page by page. */
export async function listAll<Item>(from: Api, path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    type Page = { items: Item[]; nextCursor?: string };
    const next = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page = await from.api<Page>('GET', `${path}?limit=100${next}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}
