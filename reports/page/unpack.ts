/**
 * The value that `pack` put into the page: base64 → gzip → JSON, with the browser's own means. No
 * `fetch`, not even of a data URL: the content policy of the page forbids every connection.
 */
export async function unpack(base64: string): Promise<unknown> {
  const binary = atob(base64);
  const packed = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}
