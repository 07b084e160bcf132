import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PANEL_DIR, panelEnsure } from '../build.ts';

const LIMIT_BYTES = 250 * 1024;

interface Chunk {
  file: string;
  imports?: string[];
}

describe('what a browser loads first', () => {
  let manifest: Record<string, Chunk>;
  before(async () => {
    await panelEnsure(() => {});
    manifest = JSON.parse(readFileSync(join(PANEL_DIR, '.vite/manifest.json'), 'utf8'));
  });

  /** An entry's own file, and those that it can't run without. */
  function filesOf(name: string, found = new Set<string>()): Set<string> {
    const chunk = manifest[name];
    assert.ok(chunk, `${name} is not in the manifest`);
    if (found.has(chunk.file)) return found;
    found.add(chunk.file);
    for (const imported of chunk.imports ?? []) filesOf(imported, found);
    return found;
  }

  it('is at most 250 KB of JavaScript, gzipped, whichever page it is', () => {
    const pages = Object.keys(manifest).filter((name) => name.startsWith('src/routes/'));
    assert.ok(pages.length >= 5, 'the pages are loaded one by one');
    for (const page of pages) {
      const files = [...filesOf('index.html', filesOf(page))].filter((file) =>
        file.endsWith('.js'),
      );
      const bytes = files
        .map((file) => gzipSync(readFileSync(join(PANEL_DIR, file))).length)
        .reduce((sum, size) => sum + size, 0);
      assert.ok(bytes > 50_000, `${page}: ${bytes} bytes is too little to be true`);
      assert.ok(bytes <= LIMIT_BYTES, `${page}: ${bytes} bytes`);
    }
  });

  it('has its font asked for by the page itself', () => {
    const html = readFileSync(join(PANEL_DIR, 'index.html'), 'utf8');
    const [, file] = /<link rel="preload" href="([^"]+)" as="font"/.exec(html) ?? [];
    assert.ok(file !== undefined && readFileSync(join(PANEL_DIR, file)).length > 1000);
  });

  it('has no script inside the page, and nothing of another host', () => {
    const html = readFileSync(join(PANEL_DIR, 'index.html'), 'utf8');
    for (const [, attributes = '', text] of html.matchAll(/<script([^>]*)>([^<]*)/g)) {
      assert.match(attributes, /src="\/[^/]/);
      assert.equal(text, '');
    }
    assert.doesNotMatch(html, /https?:|style=|<style|\son\w+=/);
  });
});
