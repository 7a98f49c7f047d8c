// A console as crowded as they get, and how a page comes to show it.
import type { Page } from '@playwright/test';
import { expect } from './tapedeck.ts';

export const crowd = { streams: 5000, gaps: 10_000, ticksPerSecond: 100_000 };

/** A page of its own each time: what was measured before has left nothing in it. */
export async function openCrowded(page: Page, address: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(address);
  await page.locator('[data-testid="status-recording"][data-state="partly"]').waitFor();
}

export async function openGaps(page: Page): Promise<void> {
  await page.getByTestId('nav-gaps').click();
  await expect(page.getByTestId('gaps-count')).toHaveText('10,000 gaps', { timeout: 60_000 });
}
