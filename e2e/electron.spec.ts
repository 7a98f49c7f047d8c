// The real Electron binary on the built app: window, port and drain. Skipped, and said so, where the binary or a display is missing.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, expect, test } from '@playwright/test';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(top, 'node_modules', 'electron');
const named = join(folder, 'path.txt');
const binary = existsSync(named) ? join(folder, 'dist', readFileSync(named, 'utf8').trim()) : '';

function missing(): string | undefined {
  if (!existsSync(binary)) return "Electron's binary is not installed (npx install-electron fetches it)";
  if (!existsSync(join(top, 'out', 'main', 'desktop.js'))) return 'the app is not built (npm run build)';
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return 'there is no display';
  return undefined;
}

test('the desktop records a rehearsal in its own window and leaves in order', async () => {
  const why = missing();
  if (why !== undefined) console.warn(`NOT TESTED: the desktop on the real Electron, because ${why}`);
  test.skip(why !== undefined, why ?? '');
  const data = mkdtempSync(join(tmpdir(), 'tapedeck-electron-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const desktop = await _electron.launch({
    executablePath: binary,
    args: [...sandbox, top, '--data', data, '--rehearsal'],
  });
  try {
    const window = await desktop.firstWindow();
    await expect(window.getByTestId('panel-live')).toBeVisible({ timeout: 90_000 });
    // No way out of the page into Node.
    expect(
      await window.evaluate(() => [
        typeof Reflect.get(globalThis, 'require'),
        typeof Reflect.get(globalThis, 'process'),
      ]),
    ).toEqual(['undefined', 'undefined']);
    const host = JSON.parse(readFileSync(join(data, 'host.json'), 'utf8')) as { url: string };
    await expect
      .poll(
        async () => ((await (await fetch(new URL('/health', host.url))).json()) as { recording: boolean }).recording,
        { timeout: 90_000 },
      )
      .toBe(true);
  } finally {
    await desktop.close();
    expect(existsSync(join(data, 'host.lock'))).toBe(false);
    rmSync(data, { recursive: true, force: true });
  }
});
