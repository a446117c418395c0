import { expect } from 'vitest';

/** The text of an XML document's entities and numbers, decoded. */
export function decodeXml(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

/** Fails unless every element is closed in order; enough of XML for what we write. */
export function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const body = xml.replace(/^<\?xml[^?]*\?>/, '');
  expect(body.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
  for (const [, close, name, attributes, empty] of body.matchAll(TAG)) {
    if (close === '/') expect(open.pop()).toBe(name);
    else if (empty !== '/') open.push(name as string);
    expect(attributes).toMatch(/^(\s+[a-z]+="[^"<]*")*\s*$/);
  }
  expect(open).toEqual([]);
}

const TAG = /<(\/?)([a-z]+)((?:\s+[a-z]+="[^"]*")*)\s*(\/?)>/g;

/** What of a text XML can hold. */
export function legible(text: string): string {
  return [...text].map((char) => (holds(char.codePointAt(0) as number) ? char : '\ufffd')).join('');
}

function holds(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
