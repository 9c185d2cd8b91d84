/** JSON documents as text: keys in the order they were written, indented for people, one line feed at the end. */
export function renderJson(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`
}
